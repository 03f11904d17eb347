import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Packages that are loaded once a foundation is chosen. */
function loaded(foundation: string): string[] {
  const script = `
    process.env.NODE_DISABLE_COMPILE_CACHE = '1';
    require('./lib/apps/deploy.js');
    require('./lib/stacks/deployment/foundations.js').loadFoundation(${JSON.stringify(foundation)});
    const packages = Object.keys(require.cache).map((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1]);
    console.log(JSON.stringify([...new Set(packages)]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as (string | null)[]).filter((name) => name?.startsWith('@pulumi/')).map(String);
}

test.each([
  ['aws', ['aws', 'docker-build']],
  ['gcp', ['gcp', 'docker-build']],
  ['azure', ['azure-native', 'docker-build']],
  ['local', []],
])(
  'only the SDK of the chosen cloud is loaded: %s',
  (foundation, sdks) => {
    const packages = ['kubernetes', 'pulumi', 'random', ...sdks].map((name) => `@pulumi/${name}`);
    expect(loaded(foundation).sort()).toEqual(packages.sort());
  },
  60_000,
);
