import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { polypod } from '../../support/polypod';

const claim = (name: string, storageClassName: string, annotations = '{}') => `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: ${name}
  annotations: ${annotations}
spec:
  accessModes: [ReadWriteMany]
  storageClassName: ${storageClassName}
`;
const engine = `apiVersion: apps/v1
kind: Deployment
metadata: { name: engine }
spec:
  template:
    spec:
      containers: [{ name: engine, image: 'ollama/ollama:0.12.0' }]
`;
const folder = mkdtempSync(join(tmpdir(), 'polypod-check-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('sound.yaml', claim('sound', 'efs'));
  write('faulty.yaml', `${claim('sound', 'efs')}---\n${claim('faulty', 'gp3')}`);
  write('warned.yaml', engine);
  write('broken.yaml', `${claim('faulty', 'gp3')}---\na: [1\n`);
  write('values.yaml', 'replicas: 3\n');
  write(
    'allowed.yaml',
    claim('allowed', 'gp3', '{ allow.polypod.dev/storage.class-cannot-share: io2 in our cluster }'),
  );
});
const check = (...args: string[]) => polypod(['check', ...args], { cwd: folder });

describe('exit status', () => {
  test.each([
    ['nothing found', ['sound.yaml'], 0],
    ['warnings alone', ['warned.yaml'], 0],
    ['findings that annotations allow', ['allowed.yaml'], 0],
    ['an error', ['faulty.yaml'], 1],
    ['invalid YAML beside an error', ['broken.yaml'], 2],
    ['a missing file beside a sound one', ['sound.yaml', 'missing.yaml'], 2],
    ['no Kubernetes object', ['values.yaml'], 2],
    ['no path', [], 2],
    ['an unknown flag', ['--no-such-flag'], 2],
  ])('%s', (_case, args, status) => {
    const run = check(...args);
    expect(run.status).toBe(status);
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });
});

test('people read object, rule, place, reason and mend, and a summary', () => {
  const { stdout, stderr } = check('faulty.yaml', 'sound.yaml', 'values.yaml');
  expect(stderr).toBe('');
  const [file, object, finding, path, message, fix] = stdout.split('\n');
  expect([file, object]).toEqual(['faulty.yaml', '  PersistentVolumeClaim/faulty in default']);
  expect(finding).toContain('error   storage/class-cannot-share  faulty.yaml:17:3');
  expect(path?.trim()).toBe('spec.storageClassName');
  expect(message).toContain('gp3 (ebs.csi.aws.com)');
  expect(fix).toContain('→ Name a class');
  expect(stdout).toMatch(
    /\n1 error in 3 objects of 2 files\. 1 file without Kubernetes objects skipped\.\n$/,
  );
  expect(stdout).not.toContain('\u001b');
});

test('machines read an array of exactly these fields', () => {
  const { stdout } = check('faulty.yaml', '--format', 'json', '--namespace', 'llm');
  expect(JSON.parse(stdout)).toEqual([
    {
      rule: 'storage/class-cannot-share',
      severity: 'error',
      object: 'PersistentVolumeClaim/faulty',
      namespace: 'llm',
      file: 'faulty.yaml',
      path: 'spec.storageClassName',
      message: expect.any(String),
      fix: expect.any(String),
    },
  ]);
  expect(JSON.parse(check('sound.yaml', '--format', 'json').stdout)).toEqual([]);
});

test('what cannot be read goes to standard error with its place, and the rest is still reported', () => {
  const { stdout, stderr } = check('broken.yaml', '--format', 'json');
  expect(stderr).toMatch(/^broken\.yaml:1\d:\d+: this is not valid YAML/);
  expect(JSON.parse(stdout)).toHaveLength(1);
});

test('SARIF names rules, places, and what is allowed and why', () => {
  const { stdout } = check('faulty.yaml', 'allowed.yaml', 'missing.yaml', '--format', 'sarif');
  const { version, runs } = JSON.parse(stdout);
  const [{ tool, results, invocations }] = runs;
  expect(version).toBe('2.1.0');
  expect(results).toHaveLength(2);
  expect(tool.driver.rules[results[0].ruleIndex].id).toBe(results[0].ruleId);
  expect(results[0]).toMatchObject({
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'faulty.yaml' },
          region: { startLine: 17, startColumn: 3 },
        },
      },
    ],
    suppressions: [],
  });
  expect(results[1].suppressions).toEqual([{ kind: 'inSource', justification: 'io2 in our cluster' }]);
  expect(invocations[0]).toMatchObject({
    executionSuccessful: false,
    toolExecutionNotifications: [{ level: 'error' }],
  });
});

test('standard input', () => {
  const run = polypod(['check', '-'], { input: claim('faulty', 'gp3') });
  expect(run.stdout).toContain('<stdin>:8:3');
  expect(run.status).toBe(1);
});

test('a reader that leaves early is no error', async () => {
  const many = Array.from({ length: 20_000 }, (_, index) => claim(`c${index}`, 'gp3')).join('---\n');
  writeFileSync(join(folder, 'many.yaml'), many);
  const script = `"${process.execPath}" "${join(__dirname, '../../../lib/apps/polypod.js')}" check many.yaml | head -1`;
  const child = spawn('bash', ['-c', `${script}; echo "\${PIPESTATUS[0]}" >&2`], { cwd: folder });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  expect(errors).toBe('1\n');
});

test('all rules are listed', () => {
  const { stdout, status } = check('--list-rules', '--format', 'json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toContainEqual({
    rule: 'storage/class-cannot-share',
    severity: 'error',
    description: expect.any(String),
  });
});
