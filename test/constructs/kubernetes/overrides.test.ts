import type { Problem } from '../../../constructs/contracts';
import { type Manifest, override, type Patch } from '../../../constructs/kubernetes/overrides';

const manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'chat', labels: { a: '1' } },
  spec: {
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    terminationGracePeriodSeconds: 45,
    containers: [
      {
        name: 'runtime',
        image: 'one',
        env: [{ name: 'A', value: '1' }],
        volumeMounts: [{ name: 'm', mountPath: '/m' }],
      },
      { name: 'engine', image: 'two' },
    ],
  },
};

function merge(patch: Patch): { merged: Manifest; problems: Problem[] } {
  const problems: Problem[] = [];
  return { merged: override(manifest, patch, 'overrides.pod', problems), problems };
}

describe('override', () => {
  test('merges maps, replaces scalars, deletes by null, and leaves the rest and the original alone', () => {
    const before = structuredClone(manifest);
    const { merged, problems } = merge({
      spec: { nodeSelector: null, terminationGracePeriodSeconds: 60, hostAliases: [{ ip: '10.0.0.1' }] },
    });
    expect(problems).toEqual([]);
    expect(merged).toEqual({
      ...manifest,
      spec: {
        tolerations: manifest.spec.tolerations,
        terminationGracePeriodSeconds: 60,
        containers: manifest.spec.containers,
        hostAliases: [{ ip: '10.0.0.1' }],
      },
    });
    expect(manifest).toEqual(before);
  });

  test('merges named lists by name, mounts by path, and replaces other lists', () => {
    const { merged, problems } = merge({
      spec: {
        tolerations: [{ key: 'b', operator: 'Exists' }],
        containers: [
          {
            name: 'runtime',
            env: [
              { name: 'B', value: '2' },
              { name: 'A', value: '9' },
            ],
            volumeMounts: [{ mountPath: '/m', readOnly: true }],
          },
          { name: 'engine', $patch: 'delete' },
          { name: 'proxy', image: 'three' },
        ],
      },
    });
    expect(problems).toEqual([]);
    expect(merged).toMatchObject({
      spec: {
        tolerations: [{ key: 'b', operator: 'Exists' }],
        containers: [
          {
            name: 'runtime',
            image: 'one',
            env: [
              { name: 'A', value: '9' },
              { name: 'B', value: '2' },
            ],
            volumeMounts: [{ name: 'm', mountPath: '/m', readOnly: true }],
          },
          { name: 'proxy', image: 'three' },
        ],
      },
    });
    expect(merged).toHaveProperty('spec.containers.length', 2);
  });

  test('keeps values that are filled in later as they are', () => {
    class Later {}
    const later = new Later();
    expect(merge({ spec: { terminationGracePeriodSeconds: later } }).merged).toHaveProperty(
      'spec.terminationGracePeriodSeconds',
      later,
    );
  });

  test.each<[string, Patch, string, string]>([
    ['undefined', { spec: { nodeSelector: undefined } }, 'overrides.pod.spec.nodeSelector', 'undefined'],
    [
      'undefined inside a new value',
      { spec: { dns: [{ a: undefined }] } },
      'overrides.pod.spec.dns[0].a',
      'dropped',
    ],
    [
      'null inside a replaced list',
      { spec: { tolerations: [null] } },
      'overrides.pod.spec.tolerations[0]',
      'dropped',
    ],
    ['deleting nothing', { spec: { affinity: null } }, 'overrides.pod.spec.affinity', 'not there'],
    [
      'deleting a container that is not there',
      { spec: { containers: [{ name: 'runtme', $patch: 'delete' }] } },
      'overrides.pod.spec.containers[name=runtme]',
      'not there',
    ],
    [
      'an unknown directive',
      { spec: { containers: [{ name: 'engine', $patch: 'replace' }] } },
      'overrides.pod.spec.containers[name=engine]',
      'directive',
    ],
    [
      'an item without a change',
      { spec: { containers: [{ name: 'engine' }] } },
      'overrides.pod.spec.containers[name=engine]',
      'nothing',
    ],
    ['an empty map over a map', { spec: { nodeSelector: {} } }, 'overrides.pod.spec.nodeSelector', 'nothing'],
    [
      'a scalar over a map',
      { metadata: { labels: 'a' } },
      'overrides.pod.metadata.labels',
      'is a scalar where the object has a map',
    ],
    [
      'a map over a list',
      { spec: { containers: { name: 'x' } } },
      'overrides.pod.spec.containers',
      'is a map where the object has a list',
    ],
    ['a map over a scalar', { metadata: { labels: { a: {} } } }, 'overrides.pod.metadata.labels.a', 'map'],
    ['another kind', { kind: 'Job' }, 'overrides.pod.kind', 'another kind than Pod'],
    ['another name', { metadata: { name: 'talk' } }, 'overrides.pod.metadata.name', 'name'],
    ['deleting the metadata', { metadata: null }, 'overrides.pod.metadata.name', 'name'],
  ])('refuses %s', (_what, patch, path, reason) => {
    expect(merge(patch).problems).toEqual([
      expect.objectContaining({ path, reason: expect.stringContaining(reason) }),
    ]);
  });
});
