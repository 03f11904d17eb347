import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { polypod } from '../../support/polypod';
import { temporaryFolder } from '../../support/temporary-folder';

const ROOT = join(__dirname, '../../..');
const folder = temporaryFolder();
const graph = (...args: string[]) => polypod(['graph', ...args], { cwd: ROOT });

test('a topology is drawn as the committed picture', () => {
  const output = join(folder.path, 'flagship.svg');
  const { status, stdout, stderr } = graph('examples/topologies/flagship.yaml', '-o', output);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toBe(`${output}  8 boxes  7 arrows\n`);
  expect(readFileSync(output, 'utf8')).toBe(readFileSync(join(ROOT, 'docs/images/flagship.svg'), 'utf8'));
});

test('what polypod synth writes is drawn as the topology is, by another name', () => {
  polypod(['synth', 'examples/topologies/local.yaml', '-o', folder.path], { cwd: ROOT });
  const ofManifests = graph(join(folder.path, 'local.k8s.yaml'), '--title', 'polypod');
  expect(ofManifests.stdout).toBe(graph('examples/topologies/local.yaml').stdout);
});

test('what is left to a foundation is drawn outside', () => {
  const { status, stdout } = graph('examples/deployments/chat.yaml');
  expect(status).toBe(0);
  expect(graph('Pulumi.aws.yaml').stdout).toBe(stdout);
  expect(stdout).toContain('>database.internal</text>');
});

describe('exit status 2, one reason, no file', () => {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder.path, name), text);
    return join(folder.path, name);
  };

  test.each([
    ['a file that is not there', () => 'nowhere.yaml', /no such file/],
    [
      'a topology with faults',
      () => file('faulty.yaml', 'kind: Inference\nname: CHAT\nmodels: []\n'),
      /3 problems|2 problems|name/,
    ],
    [
      'manifests that are no YAML',
      () => file('broken.yaml', 'apiVersion: v1\nkind: Pod\nspec: [1\n'),
      /not valid YAML/,
    ],
    [
      'a template',
      () => file('template.yaml', 'apiVersion: v1\nkind: {{ .Values.kind }}\n'),
      /helm template/,
    ],
    ['nothing that can be drawn', () => file('values.yaml', 'replicas: 3\n'), /nothing to draw/],
  ])('%s', (_case, path, reason) => {
    const output = join(folder.path, 'never.svg');
    const { status, stdout, stderr } = graph(path(), '-o', output);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(output)).toBe(false);
  });

  test('an output that is a folder', () => {
    const { status, stderr } = graph('examples/topologies/local.yaml', '-o', folder.path);
    expect(status).toBe(2);
    expect(stderr).toContain('problem');
  });
});

test('no other command holds the layout library', () => {
  expect(readFileSync(join(ROOT, 'lib/apps/command.js'), 'latin1')).not.toContain('org.eclipse.elk');
});
