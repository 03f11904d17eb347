/** The flagship, applied: it comes up, answers, shares its models, and applying it again changes nothing. */

import { record } from './support/figures';
import { kubectl, list, tryKubectl } from './support/kubectl';
import { theClients, theSystem } from './support/run';
import { System } from './support/system';

const system = theSystem();
const clients = theClients();

afterEach(() => clients.stopAll());

test('streams answer through the Service, word for word the same from every pod', async () => {
  const load = await clients.load({
    url: system.url,
    model: 'demo',
    mode: 'streams',
    clients: 12,
    prompts: 4,
    maxTokens: 40,
  });
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const { answered, failed, faults, lostOrRepeated } = load.stop();
  expect({ failed, faults, lostOrRepeated }).toEqual({ failed: 0, faults: [], lostOrRepeated: 0 });
  expect(answered).toBeGreaterThan(12);
});

test('one model file is made once and used by all pods', () => {
  const script = `const { ino, mtimeMs, size } = require('node:fs').statSync('/models/demo.gguf');
    process.stdout.write([ino, mtimeMs, size].join(' '))`;
  const files = system.pods().map(({ metadata }) => system.inPod(metadata.name, script));
  expect(files).toHaveLength(3);
  expect(new Set(files).size).toBe(1);
});

test('pods are spread over the nodes', () => {
  expect(new Set(system.pods().map(({ spec }) => spec.nodeName)).size).toBeGreaterThan(1);
});

test('a second apply changes nothing', () => {
  const versions = () =>
    Object.fromEntries(
      list([KINDS, '-n', system.namespace]).map(({ kind, metadata }) => [
        `${kind}/${metadata.name}`,
        metadata.generation ?? metadata.resourceVersion,
      ]),
    );
  const before = versions();
  system.apply();
  expect(versions()).toEqual(before);
  const { status, stdout } = tryKubectl(['diff', '--server-side', '-f', '-'], system.manifests());
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

test('deleting it leaves what is retained on purpose, and nothing else', async () => {
  const other = new System({ ...system.options, namespace: `${system.namespace}-other` });
  const started = Date.now();
  other.create();
  try {
    await other.ready();
    record({ firstStartSeconds: Math.round((Date.now() - started) / 1000) });
    // The namespace is left out, so that what stays can be seen.
    const manifests = other.manifests({ createNamespace: false });
    kubectl(['delete', '-f', '-', '--wait=true', '--timeout=120s'], manifests);
    const left = list([KINDS, '-n', other.namespace]).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(left.filter((name) => !OF_KUBERNETES.has(name)).sort()).toEqual([
      'PersistentVolumeClaim/data-chat-cache-0',
      'PersistentVolumeClaim/data-chat-database-0',
      'Secret/chat-cache',
      'Secret/chat-cluster',
      'Secret/chat-database',
    ]);
  } finally {
    other.remove();
  }
});

const KINDS =
  'all,configmaps,secrets,persistentvolumeclaims,serviceaccounts,networkpolicies,poddisruptionbudgets,horizontalpodautoscalers,endpointslices';

/** Every namespace has them. */
const OF_KUBERNETES = new Set(['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default']);
