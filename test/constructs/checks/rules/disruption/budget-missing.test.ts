import { budgetMissing } from '../../../../../constructs/checks/rules/disruption/budget-missing';
import { placeholderNumber } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const workload = (replicas: string, kind = 'Deployment', namespace = 'chat') => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: chat, namespace: ${namespace} }
spec: { ${replicas} template: { metadata: { labels: { app: chat, tier: web } }, spec: { containers: [{ name: a, image: a:1 }] } } }
`;
const budget = (selector: string, namespace = 'chat') => `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: chat, namespace: ${namespace} }
spec: { maxUnavailable: 1, selector: ${selector} }
`;
const scaler = (kind: string, figures: string) => `
apiVersion: x/v1
kind: ${kind}
metadata: { name: scale, namespace: chat }
spec: { scaleTargetRef: { kind: Deployment, name: chat }, ${figures} }
`;
const check = (...parts: string[]) => findingsOf(budgetMissing, parts.join('\n---\n'));

test.each([
  ['two replicas', [workload('replicas: 2,')], 'spec.replicas'],
  ['a StatefulSet', [workload('replicas: 3,', 'StatefulSet')], 'spec.replicas'],
  [
    'a minimum of two',
    [workload(''), scaler('HorizontalPodAutoscaler', 'minReplicas: 2, maxReplicas: 4')],
    'spec',
  ],
  [
    'a budget of other pods',
    [workload('replicas: 2,'), budget('{ matchLabels: { app: other } }')],
    'spec.replicas',
  ],
  [
    'a budget of another namespace',
    [workload('replicas: 2,'), budget('{ matchLabels: { app: chat } }', 'web')],
    'spec.replicas',
  ],
  ['a budget without a selector', [workload('replicas: 2,'), budget('null')], 'spec.replicas'],
])('fires on %s', (_case, parts, path) => {
  expect(check(...parts)).toEqual([
    expect.objectContaining({
      object: expect.stringMatching(/^(?:Deployment|StatefulSet)\/chat$/),
      path,
      severity: 'warning',
    }),
  ]);
});

test.each([
  ['a budget by labels', [workload('replicas: 2,'), budget('{ matchLabels: { app: chat } }')]],
  [
    'a budget by expressions',
    [
      workload('replicas: 2,'),
      budget('{ matchExpressions: [{ key: tier, operator: In, values: [api, web] }] }'),
    ],
  ],
  ['a budget of all pods', [workload('replicas: 2,'), budget('{}')]],
  ['one replica', [workload('replicas: 1,')]],
  ['replicas that are not said', [workload('')]],
  ['replicas that a cloud has yet to say', [workload(`replicas: ${placeholderNumber(2)},`)]],
  [
    'an HPA that may come down to one',
    [workload('replicas: 5,'), scaler('HorizontalPodAutoscaler', 'maxReplicas: 4')],
  ],
  [
    'a ScaledObject that may come down to none',
    [workload('replicas: 5,'), scaler('ScaledObject', 'maxReplicaCount: 4')],
  ],
  ['a DaemonSet', [workload('', 'DaemonSet')]],
  [
    'jobs that run side by side',
    [
      'apiVersion: batch/v1\nkind: Job\nmetadata: { name: j }\nspec: { parallelism: 4, template: { spec: { containers: [] } } }',
    ],
  ],
  [
    'a Helm test',
    [workload('replicas: 2,').replace('name: chat,', 'name: chat, annotations: { helm.sh/hook: test },')],
  ],
])('says nothing of %s', (_case, parts) => {
  expect(check(...parts)).toEqual([]);
});

test('of a LeaderWorkerSet, groups count, not the pods of one', () => {
  const set = (groups: number) => `
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: { name: big }
spec: { replicas: ${groups}, leaderWorkerTemplate: { size: 4, workerTemplate: { spec: { containers: [] } } } }
`;
  expect(check(set(1))).toEqual([]);
  expect(check(set(2))).toHaveLength(1);
});
