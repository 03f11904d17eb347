/**
 * What it costs to load the deployment for one cloud, beside the modules of Pulumi's SDKs that it uses: both in
 * fresh processes, taking turns.
 *
 * Arguments: foundations. Default: aws.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROUNDS = 9;
const GOAL = 1.3;
const root = join(__dirname, '..', '..');

const whole = (foundation: string) => `
  require(${JSON.stringify(join(root, 'lib/apps/deploy.js'))});
  require(${JSON.stringify(join(root, 'lib/stacks/deployment/foundations.js'))}).loadFoundation(${JSON.stringify(foundation)});
`;

/** The SDKs' modules that ours require, in the order in which they are loaded. */
function sdkModules(foundation: string): string[] {
  const list = `
    ${whole(foundation)}
    const sdk = /node_modules\\/@pulumi\\//;
    const ours = Object.values(require.cache).filter(({ filename }) => !filename.includes('node_modules'));
    const used = new Set(ours.flatMap(({ children }) => children.map(({ filename }) => filename)).filter((name) => sdk.test(name)));
    process.stdout.write(JSON.stringify(Object.keys(require.cache).filter((name) => used.has(name))));
  `;
  return JSON.parse(spawnSync(process.execPath, ['-e', list], { encoding: 'utf8' }).stdout) as string[];
}

function milliseconds(script: string): number {
  const timed = `const start = performance.now(); ${script}; process.stdout.write(String(performance.now() - start));`;
  return Number(spawnSync(process.execPath, ['-e', timed], { encoding: 'utf8', cwd: root }).stdout);
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const [, , ...asked] = process.argv;
for (const foundation of asked.length > 0 ? asked : ['aws']) {
  const modules = [...sdkModules(foundation), '@pulumi/kubernetes'];
  const alone = modules.map((name) => `require(${JSON.stringify(name)});`).join('\n');
  const rounds = Array.from({ length: ROUNDS }, () => [milliseconds(alone), milliseconds(whole(foundation))]);
  const sdk = median(rounds.map(([time]) => time ?? Number.NaN));
  const all = median(rounds.map(([, time]) => time ?? Number.NaN));
  const ratio = all / sdk;
  console.log(
    `${foundation}: ${modules.length} SDK modules alone ${sdk.toFixed(0)} ms, apps/deploy ${all.toFixed(0)} ms: ` +
      `${ratio.toFixed(2)} × (goal ≤ ${GOAL})`,
  );
  if (!(ratio <= GOAL)) process.exitCode = 1;
}
