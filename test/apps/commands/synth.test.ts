import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { polypod } from '../../support/polypod';
import { strictFaults } from '../../support/strict-validation';
import { temporaryFolder } from '../../support/temporary-folder';

const ROOT = join(__dirname, '../../..');
const EXAMPLES = join(ROOT, 'examples/topologies');
const folder = temporaryFolder();

/** Every file below a folder, by its name, with its content. */
const contents = (path: string) =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]));

function topology(name: string, change: (text: string) => string = (text) => text): string {
  const path = join(folder.path, name);
  writeFileSync(path, change(readFileSync(join(EXAMPLES, 'flagship.yaml'), 'utf8')));
  return path;
}

test('every example is written, without a finding, valid by every schema, and the same each time', () => {
  const [first, second] = ['first', 'second'].map((name) => join(folder.path, name));
  const run = polypod(['synth', EXAMPLES, '-o', first ?? '']);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  polypod(['synth', EXAMPLES, '-o', second ?? '']);
  const written = contents(first ?? '');
  expect(Object.keys(written)).toEqual(
    readdirSync(EXAMPLES).map((name) => name.replace(/\.yaml$/, '.k8s.yaml')),
  );
  expect(contents(second ?? '')).toEqual(written);
  for (const name of Object.keys(written)) {
    expect(run.stdout).toMatch(
      new RegExp(`^${name.replace('.k8s.yaml', '')} +\\d+ objects +0 errors +0 warnings +\\d+ ms$`, 'm'),
    );
  }
  const manifests = Object.values(written).flatMap((text) => loadAll(text));
  expect(manifests.length).toBeGreaterThan(100);
  expect(strictFaults(manifests as Parameters<typeof strictFaults>[0])).toEqual([]);
});

test('cdk8s synth gives the same bytes', () => {
  const ours = join(folder.path, 'ours');
  const theirs = join(folder.path, 'theirs');
  polypod(['synth', EXAMPLES, '-o', ours]);
  const cdk8s = join(ROOT, 'node_modules/.bin/cdk8s');
  execFileSync(cdk8s, ['synth', '--check-upgrade=false', '--output', theirs], { cwd: ROOT, stdio: 'pipe' });
  expect(contents(theirs)).toEqual(contents(ours));
});

test('a Helm chart renders to the same manifests', () => {
  const file = topology('chat.yaml', (text) =>
    text.replace('profile: medium', 'profile: medium\nlabels: { a: b }'),
  );
  polypod(['synth', file, '-o', folder.path]);
  expect(polypod(['synth', file, '--format', 'helm', '-o', folder.path]).status).toBe(0);
  const chart = join(folder.path, 'chat');
  expect(readFileSync(join(chart, 'Chart.yaml'), 'utf8')).toContain('apiVersion: v2\nname: chat\n');
  const template = readFileSync(join(chart, 'templates/chat.yaml'), 'utf8');
  const rendered = template.replaceAll('{{ "{{" }}', '{{');
  expect(rendered).toBe(readFileSync(join(folder.path, 'chat.k8s.yaml'), 'utf8'));
});

test('the problems of all files are told together, and nothing is written', () => {
  const out = join(folder.path, 'out');
  const bad = topology('bad.yaml', (text) =>
    text.replace('profile: medium', 'profil: medium\nreplicas: { min: 5, max: 2 }'),
  );
  const broken = topology('broken.yaml', () => 'kind: [Inference\n');
  const good = topology('good.yaml');
  const run = polypod(['synth', good, bad, broken, join(folder.path, 'nowhere.yaml'), '-o', out]);
  expect(run.status).toBe(2);
  expect(run.stderr).toContain('did you mean profile?');
  expect(run.stderr).toMatch(/replicas\.m(in|ax)/);
  expect(run.stderr).toMatch(/broken\.yaml/);
  expect(run.stderr).toMatch(/nowhere\.yaml/);
  expect(run.stderr).not.toMatch(/^\s+at /m);
  expect(existsSync(out)).toBe(false);
});

test('two topologies that would be written to one file are refused', () => {
  const one = topology('chat.yaml');
  mkdirSync(join(folder.path, 'other'));
  const other = join(folder.path, 'other/chat.yaml');
  copyFileSync(one, other);
  const run = polypod(['synth', one, other, '-o', join(folder.path, 'out')]);
  expect(run.status).toBe(2);
  expect(run.stderr).toContain('rename one of the two files');
});

test('several topologies in one file become a file each', () => {
  const file = topology(
    'both.yaml',
    (text) => `${text}\n---\n${text.replace('name: chat', 'name: other').replace('chat.acme', 'other.acme')}`,
  );
  expect(polypod(['synth', file, '-o', join(folder.path, 'out')]).status).toBe(0);
  expect(readdirSync(join(folder.path, 'out'))).toEqual(['both-chat.k8s.yaml', 'both-other.k8s.yaml']);
});

test('a folder that can not be written to is told without a stack trace', () => {
  const file = topology('chat.yaml');
  const run = polypod(['synth', file, '-o', join(file, 'out')]);
  expect(run.status).toBe(2);
  expect(run.stderr).not.toMatch(/^\s+at /m);
});
