import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { polypod } from '../../support/polypod';
import { temporaryFolder } from '../../support/temporary-folder';

const ROOT = join(__dirname, '../../..');
const plan = (...args: string[]) => polypod(['plan', ...args], { cwd: ROOT });
const FLAGSHIP = 'examples/topologies/flagship.yaml';
const DEPLOYED = 'examples/deployments/chat.yaml';

test('people read what is taken, how fast it starts, what survives', () => {
  const { status, stdout, stderr } = plan(FLAGSHIP);
  expect(status).toBe(0);
  expect(stderr).toBe('');
  const headings = stdout.split('\n').filter((line) => /^\S/.test(line));
  expect(headings.map((line) => line.split(/[,:]/)[0])).toEqual([
    `chat  ${FLAGSHIP}`,
    'Pods',
    'Storage',
    'Connections',
    'Start of StatefulSet/chat',
    'Scale-out',
    'What is left after the loss of',
  ]);
  expect(stdout).toMatch(/CPU +24 +64/);
  expect(stdout).toMatch(/memory +36 GiB +96 GiB/);
  expect(stdout).toMatch(/PostgreSQL \S+ +160 +400 +8 × 20/);
  expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(110);
});

describe('fields for programs, as docs/plan.md lists them', () => {
  const documented = readFileSync(join(ROOT, 'docs/plan.md'), 'utf8');
  const { status, stdout } = plan(DEPLOYED, '--cloud', 'aws', '--json');
  const whole = JSON.parse(stdout);

  test('every field is in the docs', () => {
    expect(status).toBe(0);
    const fields = new Set<string>();
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) for (const item of value) walk(item);
      else if (typeof value === 'object' && value !== null) {
        for (const [key, item] of Object.entries(value)) {
          if (!key.includes('/')) fields.add(key); // names of resources are the cluster's
          walk(item);
        }
      }
    };
    walk(whole);
    expect([...fields].filter((field) => !new RegExp(`\`${field}(?:\\[\\])?\``).test(documented))).toEqual(
      [],
    );
  });

  test('figures are plain numbers', () => {
    expect(whole).toMatchObject({
      name: 'chat',
      cloud: 'aws',
      totals: { min: { pods: 2, cpu: 2, memory: 4 * 2 ** 30 }, max: { pods: 3 } },
      connections: [
        { product: 'Redis', needed: 30, granted: 20_000, verdict: 'fits' },
        { product: 'PostgreSQL', needed: 60, granted: 390, verdict: 'fits' },
      ],
    });
  });
});

test("a stack's config chooses the cloud", () => {
  const { status, stdout } = plan('Pulumi.gcp.yaml');
  expect(status).toBe(0);
  expect(stdout).toContain('Created on Google Cloud, and what the bill counts');
  expect(stdout).toContain('Filestore regional, 1024 GiB');
});

test('any manifests can be planned, from standard input too', () => {
  const manifests = [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata: { name: web }',
    'spec:',
    '  replicas: 3',
    '  template:',
    "    spec: { containers: [{ name: a, image: 'a:1', resources: { requests: { cpu: 500m, memory: 1Gi } } }] }",
  ].join('\n');
  const { status, stdout } = polypod(['plan', '-'], { input: manifests });
  expect(status).toBe(0);
  expect(stdout).toMatch(/Deployment\/web +3 +3 +0\.5 CPU, 1 GiB; 1 more during an update/);
  expect(stdout).toContain('!  the loss of a node may take all of Deployment/web');
});

describe('exit status 2, one list of reasons, nothing planned', () => {
  const folder = temporaryFolder();
  const file = (name: string, text: string) => {
    const path = join(folder.path, name);
    writeFileSync(path, text);
    return path;
  };
  const flagship = readFileSync(join(ROOT, FLAGSHIP), 'utf8');

  test.each([
    [
      'a topology that leaves parts to a foundation',
      () => [DEPLOYED],
      /backing\.image[\s\S]*backing\.storage[\s\S]*backing\.database[\s\S]*--cloud aws\|gcp\|azure/,
    ],
    [
      'a topology with faults',
      () => [file('faulty.yaml', flagship.replace('kind: efs', 'kind: efz'))],
      /did you mean efs\?/,
    ],
    ['a file that is not there', () => ['nowhere.yaml'], /there is no such file or folder/],
    ['a file without anything to plan', () => [file('values.yaml', 'replicas: 3\n')], /nothing to plan/],
    ['a cloud that is none', () => [DEPLOYED, '--cloud', 'moon'], /Allowed choices are aws, gcp, azure/],
    ['sessions that are no number', () => [DEPLOYED, '--cloud', 'aws', '--sessions', 'many'], /whole number/],
    [
      'a stack of no foundation',
      () => [file('Pulumi.moon.yaml', 'config: { polypod:foundation: moon }\n')],
      /polypod:foundation[\s\S]*polypod:topology/,
    ],
    ["a cloud beside a stack's own", () => ['Pulumi.gcp.yaml', '--cloud', 'aws'], /leave --cloud out/],
  ])('%s', (_case, args, reason) => {
    const { status, stdout, stderr } = plan(...args());
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('a plan that can not work is shown all the same', () => {
    const { status, stdout } = plan(DEPLOYED, '--cloud', 'aws', '--sessions', '600000');
    expect(status).toBe(2);
    expect(stdout).toMatch(/✗ {2}the cache needs 1,250 MB/);
    expect(stdout).toContain('Pods, and what they request');
  });
});
