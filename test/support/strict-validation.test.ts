import { strictFaults } from './strict-validation';

const metadata = { name: 'chat' };
const pod = { containers: [{ name: 'a', image: 'b' }] };

function leaderWorkerSet(spec: object) {
  return { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet', metadata, spec };
}

test('good manifests have no faults', () => {
  expect(
    strictFaults([
      { apiVersion: 'v1', kind: 'Pod', metadata, spec: pod },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { any: 'key' } },
      leaderWorkerSet({ replicas: 1, leaderWorkerTemplate: { size: 2, workerTemplate: { spec: pod } } }),
    ]),
  ).toEqual([]);
});

test('unknown fields, wrong types, newer fields and unknown kinds are faults', () => {
  const sleep = { lifecycle: { preStop: { sleep: { seconds: 5 } } } };
  expect(
    strictFaults([
      { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...pod, restartpolicy: 'Always' } },
      { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...pod, hostNetwork: 'yes' } },
      { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ ...pod.containers[0], ...sleep }] } },
      { apiVersion: 'example.com/v1', kind: 'Thing', metadata },
      { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata, spec: { triggers: [] } },
      leaderWorkerSet({
        leaderWorkerTemplate: { size: 2, nodes: 2, workerTemplate: { spec: { ...pod, a: 1 } } },
      }),
    ]),
  ).toEqual([
    'Pod/chat: .spec.restartpolicy is unknown',
    'Pod/chat: data/spec/hostNetwork must be boolean',
    'Pod/chat: .spec.containers.0.lifecycle.preStop.sleep is not in Kubernetes 1.28',
    'Thing/chat: no schema is known for example.com/v1 Thing',
    'ScaledObject/chat: data/spec must have required property scaleTargetRef',
    'LeaderWorkerSet/chat: .spec.leaderWorkerTemplate.nodes is unknown',
    'LeaderWorkerSet/chat: .template.spec.a is unknown',
  ]);
});
