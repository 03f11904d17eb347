import { targetMissing } from '../../../../../constructs/checks/rules/scaling/target-missing';
import { placeholderText } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const workload = (kind = 'Deployment', namespace = 'chat', apiVersion = 'apps/v1') => `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: chat, namespace: ${namespace} }
spec: { template: { spec: { containers: [{ name: a, image: a:1 }] } } }
`;
const scaler = (target: string, kind = 'HorizontalPodAutoscaler') => `
apiVersion: x/v1
kind: ${kind}
metadata: { name: scale, namespace: chat }
spec: { scaleTargetRef: { ${target} }, maxReplicas: 3 }
`;
const target = 'apiVersion: apps/v1, kind: Deployment, name: chat';
const check = (...parts: string[]) => findingsOf(targetMissing, parts.join('\n---\n'));

test.each([
  [
    'a name that nothing has',
    target.replace('chat', 'chatt'),
    workload(),
    'spec.scaleTargetRef.name',
    'Deployment/chatt',
  ],
  ['nothing else in the input', target, '', 'spec.scaleTargetRef.name', 'not there'],
  [
    'another kind of this name',
    target,
    workload('StatefulSet'),
    'spec.scaleTargetRef.kind',
    'is a StatefulSet',
  ],
  ['another namespace', target, workload('Deployment', 'web'), 'metadata.namespace', 'in namespace web'],
  [
    'another group',
    target.replace('apps/v1', 'extensions/v1beta1'),
    workload(),
    'spec.scaleTargetRef.apiVersion',
    'apps/v1',
  ],
  ['no name', 'kind: Deployment', workload(), 'spec.scaleTargetRef.name', 'names nothing'],
])('fires on %s', (_case, reference, other, path, message) => {
  expect(check(scaler(reference), other)).toEqual([
    expect.objectContaining({
      object: 'HorizontalPodAutoscaler/scale',
      path,
      severity: 'error',
      message: expect.stringContaining(message),
    }),
  ]);
});

test('a workload of another namespace that has an autoscaler of its own is not meant', () => {
  const other = scaler(target).replace('namespace: chat', 'namespace: web');
  expect(check(scaler(target), other, workload('Deployment', 'web'))).toEqual([
    expect.objectContaining({ path: 'spec.scaleTargetRef.name' }),
  ]);
});

test('a ScaledObject looks for a Deployment unless it says otherwise', () => {
  expect(check(scaler('name: chat', 'ScaledObject'), workload())).toEqual([]);
  expect(check(scaler('name: chat', 'ScaledObject'), workload('StatefulSet'))).toHaveLength(1);
  expect(check(scaler('name: chat, kind: StatefulSet', 'ScaledObject'), workload('StatefulSet'))).toEqual([]);
});

test.each([
  ['a target that is there', target, workload()],
  ['a version of the group that is not the same', target.replace('apps/v1', 'apps/v1beta2'), workload()],
  ['no apiVersion', 'kind: Deployment, name: chat', workload()],
  [
    'a Rollout',
    'apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: chat',
    workload('Rollout', 'chat', 'argoproj.io/v1alpha1'),
  ],
  [
    'a Deployment that an operator makes of its own resource',
    target.replace('chat', 'chat-predictor'),
    'apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: { name: chat, namespace: chat }',
  ],
  ['a name that a cloud has yet to say', target.replace('chat', `'${placeholderText(1)}'`), ''],
  ['a name that is to be filled in', target.replace('chat', "'{{ .Release.Name }}'"), ''],
])('says nothing of %s', (_case, reference, other) => {
  expect(check(scaler(reference), other)).toEqual([]);
});
