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

test('only the SDK of the chosen cloud is loaded', () => {
  expect(loaded('aws')).toEqual(
    expect.arrayContaining(['@pulumi/pulumi', '@pulumi/kubernetes', '@pulumi/random', '@pulumi/aws']),
  );
  expect(loaded('aws')).not.toContain('@pulumi/gcp');
  expect(loaded('aws')).not.toContain('@pulumi/azure-native');
  expect(loaded('local').sort()).toEqual(['@pulumi/kubernetes', '@pulumi/pulumi', '@pulumi/random']);
}, 60_000);
