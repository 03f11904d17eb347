import { singleWriterVolumeShared } from '../../../../../constructs/checks/rules/storage/single-writer-volume-shared';
import { findingsOf } from '../../../../support/check-rule';

const claim = (modes: string) => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [${modes}] }
`;
const deployment = (name: string, replicas: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  ${replicas}
  template:
    spec:
      containers: [{ name: app, image: app:1 }]
      volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]
`;
const all = (...parts: string[]) => parts.join('\n---\n');

test('fires on a Deployment of several replicas', () => {
  const [finding, ...others] = findingsOf(
    singleWriterVolumeShared,
    all(claim('ReadWriteOnce'), deployment('chat', 'replicas: 3')),
  );
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    object: 'PersistentVolumeClaim/data',
    path: 'spec.accessModes',
    severity: 'error',
    message: expect.stringContaining('Deployment/chat, which can have 3 replicas'),
  });
});

test.each([
  [
    'HorizontalPodAutoscaler',
    'autoscaling/v2',
    'maxReplicas: 4, scaleTargetRef: { kind: Deployment, name: chat }',
  ],
  ['ScaledObject', 'keda.sh/v1alpha1', 'scaleTargetRef: { name: chat }'],
])('fires when a %s may scale the only replica', (kind, apiVersion, spec) => {
  const autoscaler = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: scale }\nspec: { ${spec} }`;
  const found = findingsOf(
    singleWriterVolumeShared,
    all(claim('ReadWriteOncePod'), deployment('chat', ''), autoscaler),
  );
  expect(found).toHaveLength(1);
  expect(found[0]?.message).toContain(`${kind}/scale`);
});

test('fires on two workloads of one replica each', () => {
  const found = findingsOf(
    singleWriterVolumeShared,
    all(claim('ReadWriteOnce'), deployment('a', ''), deployment('b', '')),
  );
  expect(found.map(({ message }) => message)).toEqual([
    expect.stringContaining('Deployment/a and Deployment/b'),
  ]);
});

test.each([
  ['a claim that several nodes can mount', all(claim('ReadWriteMany'), deployment('chat', 'replicas: 3'))],
  ['one replica', all(claim('ReadWriteOnce'), deployment('chat', 'replicas: 1'))],
  [
    'a second workload that is scaled to nothing',
    all(claim('ReadWriteOnce'), deployment('a', ''), deployment('b', 'replicas: 0')),
  ],
  [
    'the same object twice in the input',
    all(claim('ReadWriteOnce'), deployment('a', ''), deployment('a', '')),
  ],
  ['a claim that the input does not hold', deployment('chat', 'replicas: 3')],
  [
    'a claim for each pod',
    `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  replicas: 3
  template: { spec: { containers: [{ name: db, image: postgres:17 }] } }
  volumeClaimTemplates: [{ metadata: { name: data }, spec: { accessModes: [ReadWriteOnce] } }]
`,
  ],
  [
    'a claim of the same name in another namespace',
    all(
      claim('ReadWriteOnce').replace('name: data', 'name: data, namespace: a'),
      deployment('chat', 'replicas: 3').replace('name: chat', 'name: chat, namespace: b'),
    ),
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(singleWriterVolumeShared, yaml)).toEqual([]);
});

test('a Helm test that mounts the claim is no second workload', () => {
  const hook = deployment('hook', '').replace(
    'name: hook',
    'name: hook, annotations: { helm.sh/hook: test }',
  );
  expect(
    findingsOf(singleWriterVolumeShared, all(claim('ReadWriteOnce'), deployment('a', ''), hook)),
  ).toEqual([]);
});

describe('pods that must run on one node may share a ReadWriteOnce volume', () => {
  const affinity =
    'affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: kubernetes.io/hostname, labelSelector: {} }] } }';
  const placed = (name: string, replicas: string, placement: string) =>
    deployment(name, replicas).replace('    spec:\n', `    spec:\n      ${placement}\n`);
  const followed = all(deployment('a', ''), placed('b', '', affinity));

  test.each([
    ['the second follows the first', followed],
    ['all replicas keep together', placed('a', 'replicas: 3', affinity)],
    [
      'both are pinned',
      all(placed('a', '', 'nodeName: n1'), placed('b', '', 'nodeSelector: { kubernetes.io/hostname: n1 }')),
    ],
  ])('%s', (_case, workloads) => {
    expect(findingsOf(singleWriterVolumeShared, all(claim('ReadWriteOnce'), workloads))).toEqual([]);
  });

  test.each([
    [
      'pinned to different nodes',
      claim('ReadWriteOnce'),
      all(placed('a', '', 'nodeName: n1'), placed('b', '', 'nodeName: n2')),
    ],
    [
      'the first has replicas of its own',
      claim('ReadWriteOnce'),
      all(deployment('a', 'replicas: 2'), placed('b', '', affinity)),
    ],
    ['one pod alone may mount it', claim('ReadWriteOncePod'), followed],
  ])('but not where %s', (_case, volume, workloads) => {
    expect(findingsOf(singleWriterVolumeShared, all(volume, workloads))).toHaveLength(1);
  });
});
