import { replicasFightAutoscaler } from '../../../../../constructs/checks/rules/scaling/replicas-fight-autoscaler';
import { findingsOf } from '../../../../support/check-rule';

const workload = (replicas: string, kind = 'Deployment', namespace = 'chat', apiVersion = 'apps/v1') => `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: chat, namespace: ${namespace} }
spec: { ${replicas} template: { spec: { containers: [{ name: a, image: a:1 }] } } }
`;
const scaler = (kind: string, target: string, spec: string) => `
apiVersion: x/v1
kind: ${kind}
metadata: { name: scale, namespace: chat }
spec: { scaleTargetRef: { ${target} }, ${spec} }
`;
const hpa = scaler(
  'HorizontalPodAutoscaler',
  'apiVersion: apps/v1, kind: Deployment, name: chat',
  'minReplicas: 2, maxReplicas: 9',
);
const check = (...parts: string[]) => findingsOf(replicasFightAutoscaler, parts.join('\n---\n'));

test.each([
  ['an HPA', workload('replicas: 3,'), hpa, 'Deployment/chat'],
  ['an HPA that comes first', hpa, workload('replicas: 3,'), 'Deployment/chat'],
  [
    'a ScaledObject, whose target is a Deployment by default',
    workload('replicas: 1,'),
    scaler('ScaledObject', 'name: chat', 'triggers: []'),
    'Deployment/chat',
  ],
  [
    'an HPA of a StatefulSet',
    workload('replicas: 3,', 'StatefulSet'),
    scaler('HorizontalPodAutoscaler', 'kind: StatefulSet, name: chat', 'maxReplicas: 9'),
    'StatefulSet/chat',
  ],
  [
    'an HPA of a kind without a template that is known',
    'apiVersion: x.io/v1\nkind: Fleet\nmetadata: { name: chat, namespace: chat }\nspec: { replicas: 2 }',
    scaler('HorizontalPodAutoscaler', 'apiVersion: x.io/v1, kind: Fleet, name: chat', 'maxReplicas: 9'),
    'Fleet/chat',
  ],
])('fires beside %s', (_case, one, other, object) => {
  expect(check(one, other)).toEqual([
    expect.objectContaining({ object, path: 'spec.replicas', severity: 'error' }),
  ]);
});

test('says between what it scales and to what it is thrown back', () => {
  expect(check(workload('replicas: 3,'), hpa)[0]?.message).toBe(
    'HorizontalPodAutoscaler/scale scales it between 2 and 9, and every apply throws it back to replicas: 3.',
  );
});

test('two autoscalers of one target are one finding', () => {
  expect(check(workload('replicas: 3,'), hpa, hpa)).toHaveLength(1);
});

test.each([
  ['no replicas', workload('')],
  ['replicas that are null', workload('replicas: null,')],
  ['a target of another name', workload('replicas: 3,').replace('name: chat', 'name: other')],
  ['a target of another kind', workload('replicas: 3,', 'StatefulSet')],
  ['a target in another namespace', workload('replicas: 3,', 'Deployment', 'elsewhere')],
])('says nothing of %s', (_case, target) => {
  expect(check(target, hpa)).toEqual([]);
});

test('says nothing where only one scale is possible', () => {
  const fixed = hpa.replace('minReplicas: 2, maxReplicas: 9', 'minReplicas: 3, maxReplicas: 3');
  expect(check(workload('replicas: 3,'), fixed)).toEqual([]);
  expect(check(workload('replicas: 2,'), fixed)).toHaveLength(1);
});
