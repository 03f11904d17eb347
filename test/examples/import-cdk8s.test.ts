import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder';

const ROOT = join(__dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/import-cdk8s');
const folder = temporaryFolder();

/** What is loaded from node_modules once the example has run, by package. */
const LOADED = `process.on('exit', () => {
  const packages = Object.keys(require.cache).map((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1]);
  console.log([...new Set(packages)].sort().join(' '));
});
require('./main.js');`;

test('an empty cdk8s project that installs the tarball gets a checked topology, and loads no Pulumi', () => {
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: folder.path, encoding: 'utf8', stdio: 'pipe' });
  const tarball = npm('pack', ROOT, '--ignore-scripts', '--silent').trim();
  for (const file of ['package.json', 'main.js']) copyFileSync(join(EXAMPLE, file), join(folder.path, file));
  npm(
    'install',
    `./${tarball}`,
    '--omit=optional',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--silent',
  );

  const loaded = execFileSync(process.execPath, ['-e', LOADED], {
    cwd: folder.path,
    encoding: 'utf8',
  }).trim();
  expect(loaded.split(' ')).toEqual(expect.arrayContaining(['cdk8s', 'constructs', 'polypod']));
  expect(loaded).not.toContain('@pulumi');

  const manifests = readFileSync(join(folder.path, 'dist/chat.k8s.yaml'), 'utf8');
  expect(manifests).toContain('kind: StatefulSet');
  expect(manifests).toContain('kind: NetworkPolicy');
  expect(manifests).toContain('kind: PodDisruptionBudget');

  const check = execFileSync(join(folder.path, 'node_modules/.bin/polypod'), ['check', 'dist'], {
    cwd: folder.path,
    encoding: 'utf8',
  });
  expect(check).toContain('Nothing found');
}, 120_000);
