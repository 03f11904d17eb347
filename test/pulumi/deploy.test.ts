/** The deployment program, on a real Pulumi engine and a real cluster: `npm run test:pulumi`. */
import { join } from 'node:path';
import { SUITE_LABEL } from '../e2e/support/applied-topology';
import { get, kubectl, list, tryKubectl } from '../e2e/support/kubectl';
import { faultOf, PulumiStack } from './pulumi-stack';

const ROOT = join(__dirname, '../..');
const NAMESPACE = `polypod-pulumi-${process.pid}`;
const IMAGE = process.env.E2E_IMAGE ?? '';

const topology = (further: Readonly<Record<string, unknown>> = {}) => ({
  kind: 'Inference',
  name: 'chat',
  namespace: NAMESPACE,
  labels: { [SUITE_LABEL]: 'pulumi' },
  models: [{ name: 'demo', source: 'demo:', size: '1M', contextLength: 2048 }],
  replicas: 2,
  resources: { requests: { cpu: '100m', memory: '512Mi' } },
  backing: { cache: 'local', database: 'local' },
  ...further,
});

const config = (further?: Readonly<Record<string, unknown>>, image = IMAGE) => ({
  'polypod:foundation': 'local',
  'polypod:topology': topology(further),
  'polypod:local': {
    context: kubectl(['config', 'current-context']).trim(),
    image: { existing: image },
    storage: { className: process.env.E2E_STORAGE_CLASS ?? defaultClass() },
  },
});

const stack = new PulumiStack(ROOT, config());
afterAll(() => {
  stack.remove();
  tryKubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
});

test('a preview creates everything and touches nothing else', () => {
  const { create = 0, ...others } = stack.preview();
  expect(create).toBeGreaterThan(15);
  expect(others).toEqual({});
});

test('up brings the pods to Ready, without a deadlock', () => {
  expect(faultOf(stack.up())).toBe('');
  expect(
    get<{ status: { readyReplicas: number } }>(['statefulset', 'chat', '-n', NAMESPACE]).status.readyReplicas,
  ).toBe(2);
});

test('no value of a Secret stands open in the state', () => {
  const state = stack.state();
  const values = list<{ data?: Record<string, string> }>(['secrets', '-n', NAMESPACE])
    .flatMap(({ data = {} }) => Object.values(data))
    .map((value) => Buffer.from(value, 'base64').toString())
    // A user's name is no secret, and stands elsewhere too.
    .filter((value) => value.length >= 20);
  expect(values.length).toBeGreaterThanOrEqual(3);
  for (const value of values) {
    expect(state.includes(value)).toBe(false);
    expect(state.includes(Buffer.from(value).toString('base64'))).toBe(false);
  }
});

test('a second preview has nothing to change, and a refresh finds no drift', () => {
  expect(Object.keys(stack.preview())).toEqual(['same']);
  expect(faultOf(stack.refresh())).toBe('');
  expect(Object.keys(stack.preview())).toEqual(['same']);
});

test('an update changes what it must and replaces nothing', () => {
  const before = uids();
  stack.configure(config({ resources: { requests: { cpu: '110m', memory: '512Mi' } } }));
  const steps = stack.preview();
  expect(Object.keys(steps).sort()).toEqual(['same', 'update']);
  expect(faultOf(stack.up())).toBe('');
  expect(uids()).toEqual(before);
});

// The engine waits ten minutes before it gives up.
test('a rollout that fails names the pod and what it hangs at, and the next up mends it', () => {
  stack.configure(config({ update: { minReady: '1s' } }, 'registry.invalid/none:1'));
  process.stderr.write('A rollout that can not succeed, which takes the engine ten minutes: ');
  const failed = stack.up();
  expect(failed.status).not.toBe(0);
  expect(failed.output).toMatch(/Pod \S+chat-1\]: .*\[fetch-models\]/);
  stack.configure(config());
  const mended = stack.up();
  expect(faultOf(mended)).toBe('');
  expect(
    get<{ status: { readyReplicas: number } }>(['statefulset', 'chat', '-n', NAMESPACE]).status.readyReplicas,
  ).toBe(2);
}, 1_800_000);

test('destroy leaves what holds data, and nothing else', () => {
  expect(faultOf(stack.destroy())).toBe('');
  const left = list(['all,secrets,configmaps,persistentvolumeclaims', '-n', NAMESPACE])
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    .filter((name) => name !== 'ConfigMap/kube-root-ca.crt');
  expect(left.every((name) => name.startsWith('PersistentVolumeClaim/'))).toBe(true);
  expect(left.length).toBeGreaterThan(0);
});

/** Of what must not be made anew. */
const uids = () =>
  list(['statefulsets,services,persistentvolumeclaims,secrets', '-n', NAMESPACE])
    .map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid}`)
    .sort();

function defaultClass(): string | undefined {
  return list(['storageclasses']).find(
    ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  )?.metadata.name;
}
