import { budgetBlocksDrain } from '../../../../../constructs/checks/rules/disruption/budget-blocks-drain';
import { placeholderNumber } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const workload = (replicas: string, kind = 'Deployment', name = 'chat') => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name} }
spec: { ${replicas} template: { metadata: { labels: { app: chat, name: ${name} } }, spec: { containers: [{ name: a, image: a:1 }] } } }
`;
const budget = (spec: string, name = 'keep', selector = '{ matchLabels: { app: chat } }') => `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: ${name} }
spec: { ${spec} selector: ${selector} }
`;
const scaler = (kind: string, figures: string) => `
apiVersion: x/v1
kind: ${kind}
metadata: { name: scale }
spec: { scaleTargetRef: { kind: Deployment, name: chat }, ${figures} }
`;
const check = (...parts: string[]) => findingsOf(budgetBlocksDrain, parts.join('\n---\n'));

test.each([
  ['minAvailable: 1,', 'replicas: 1,'],
  ['minAvailable: 1,', ''],
  ['minAvailable: 3,', 'replicas: 3,'],
  ['minAvailable: 4,', 'replicas: 3,'],
  ['minAvailable: 100%,', 'replicas: 3,'],
  ["minAvailable: '51%',", 'replicas: 2,'],
  ['minAvailable: 50%,', 'replicas: 1,'],
  ['minAvailable: 90%,', 'replicas: 5,'],
  ['maxUnavailable: 0,', 'replicas: 3,'],
  ['maxUnavailable: 0%,', 'replicas: 3,'],
])('%s blocks a workload of %s', (spec, replicas) => {
  expect(check(budget(spec), workload(replicas))).toEqual([
    expect.objectContaining({
      object: 'PodDisruptionBudget/keep',
      path: `spec.${/\w+/.exec(spec)?.[0]}`,
      severity: 'error',
    }),
  ]);
});

test.each([
  ['minAvailable: 1,', 'replicas: 2,'],
  ['minAvailable: 2,', 'replicas: 3,'],
  ['minAvailable: 50%,', 'replicas: 2,'],
  ['minAvailable: 80%,', 'replicas: 5,'],
  ['maxUnavailable: 1,', 'replicas: 1,'],
  ['maxUnavailable: 1%,', 'replicas: 1,'],
  ['minAvailable: 0,', 'replicas: 1,'],
  ['minAvailable: 1,', 'replicas: 0,'],
  ['maxUnavailable: 0,', 'replicas: 0,'],
  ['minAvailable: 1,', `replicas: ${placeholderNumber(1)},`],
  [`minAvailable: ${placeholderNumber(1)},`, 'replicas: 1,'],
  ['minAvailable: some,', 'replicas: 1,'],
])('%s lets a workload of %s go', (spec, replicas) => {
  expect(check(budget(spec), workload(replicas))).toEqual([]);
});

test('says at how many pods', () => {
  expect(check(budget('minAvailable: 90%,'), workload('replicas: 5,'))[0]?.message).toContain(
    'minAvailable: 90% allows no eviction at the 5 pods that Deployment/chat may come down to',
  );
});

test('the minimum of an autoscaler counts, and of a scale from zero the one pod that a drain meets', () => {
  const two = budget('minAvailable: 2,');
  expect(
    check(two, workload('replicas: 9,'), scaler('HorizontalPodAutoscaler', 'minReplicas: 2, maxReplicas: 9')),
  ).toHaveLength(1);
  expect(
    check(two, workload(''), scaler('HorizontalPodAutoscaler', 'minReplicas: 3, maxReplicas: 9')),
  ).toEqual([]);
  expect(
    check(budget('minAvailable: 1,'), workload(''), scaler('ScaledObject', 'maxReplicaCount: 9')),
  ).toHaveLength(1);
  expect(
    check(budget('maxUnavailable: 1,'), workload(''), scaler('ScaledObject', 'maxReplicaCount: 9')),
  ).toEqual([]);
});

test('pods of several workloads under one budget are counted together', () => {
  const both = [workload('replicas: 1,'), workload('replicas: 1,', 'StatefulSet', 'db')];
  expect(check(budget('minAvailable: 1,'), ...both)).toEqual([]);
  expect(check(budget('minAvailable: 2,'), ...both)).toHaveLength(1);
  expect(check(budget('minAvailable: 1,'), workload('replicas: 1,'), workload('replicas: 1,'))).toHaveLength(
    1,
  );
});

test('pods of jobs under the same labels are not always there', () => {
  const job = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: clean }
spec: { jobTemplate: { spec: { template: { metadata: { labels: { app: chat } }, spec: { containers: [] } } } } }
`;
  expect(check(budget('minAvailable: 1,'), workload('replicas: 1,'), job)).toHaveLength(1);
  expect(check(budget('minAvailable: 1,'), workload('replicas: 2,'), job)).toEqual([]);
  expect(check(budget('minAvailable: 1,'), job)).toEqual([]);
});

test('pods that are not in the input: only what holds at any number', () => {
  expect(check(budget('minAvailable: 1,'))).toEqual([]);
  expect(check(budget('maxUnavailable: 0,'))).toHaveLength(1);
});

test('a budget with neither lets none go; with both, maxUnavailable wins', () => {
  expect(check(budget(''), workload('replicas: 3,'))[0]).toMatchObject({ path: 'spec.maxUnavailable' });
  expect(check(budget('minAvailable: 3, maxUnavailable: 1,'), workload('replicas: 3,'))).toEqual([]);
});

test('a DaemonSet is left alone by drains', () => {
  expect(check(budget('maxUnavailable: 0,'), workload('', 'DaemonSet'))).toEqual([]);
});

test('two budgets over the same pods', () => {
  const by = (name: string, selector: string) => budget('maxUnavailable: 1,', name, selector);
  const app = '{ matchLabels: { app: chat } }';
  expect(check(by('a', app), by('b', '{}'), workload('replicas: 3,'))).toEqual([
    expect.objectContaining({
      object: 'PodDisruptionBudget/b',
      path: 'spec.selector',
      message: expect.stringContaining('PodDisruptionBudget/a selects the pods of Deployment/chat'),
    }),
  ]);
  expect(check(by('a', app), by('a', app), workload('replicas: 3,'))).toEqual([]);
  const role = (name: string) => by(name, `{ matchLabels: { app: chat, role: ${name} } }`);
  expect(check(role('primary'), role('replica'), workload('replicas: 3,', 'StatefulSet'))).toEqual([]);
});

test('how many pods have a label that is set when they run is not known', () => {
  const primary = budget('minAvailable: 3,', 'keep', '{ matchLabels: { app: chat, role: primary } }');
  expect(check(primary, workload('replicas: 3,', 'StatefulSet'))).toEqual([]);
});
