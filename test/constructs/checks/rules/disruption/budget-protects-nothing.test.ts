import { budgetProtectsNothing } from '../../../../../constructs/checks/rules/disruption/budget-protects-nothing';
import { findingsOf } from '../../../../support/check-rule';

const check = (spec: string, replicas: string, other = '') =>
  findingsOf(
    budgetProtectsNothing,
    `
apiVersion: apps/v1
kind: Deployment
metadata: { name: chat }
spec: { ${replicas} template: { metadata: { labels: { app: chat } }, spec: { containers: [{ name: a, image: a:1 }] } } }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: keep }
spec: { ${spec} selector: { matchLabels: { app: chat } } }
---
${other}`,
  );
const scaled =
  'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: s }\nspec: { scaleTargetRef: { kind: Deployment, name: chat }, minReplicas: 2, maxReplicas: 5 }';

test.each([
  ['minAvailable: 0,', 'replicas: 3,'],
  ["minAvailable: '0%',", 'replicas: 1,'],
  ['maxUnavailable: 100%,', 'replicas: 3,'],
  ['maxUnavailable: 3,', 'replicas: 3,'],
  ['maxUnavailable: 67%,', 'replicas: 3,'],
])('%s with %s', (spec, replicas) => {
  const [finding, ...others] = check(spec, replicas);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    object: 'PodDisruptionBudget/keep',
    path: `spec.${/\w+/.exec(spec)?.[0]}`,
    severity: 'warning',
    message: expect.stringContaining(spec.slice(0, -1).replace(/'/g, '')),
  });
});

test.each([
  ['maxUnavailable: 1,', 'replicas: 1,'],
  ['maxUnavailable: 1,', 'replicas: 2,'],
  ['maxUnavailable: 50%,', 'replicas: 3,'],
  ['maxUnavailable: 66%,', 'replicas: 3,'],
  ['minAvailable: 1,', 'replicas: 1,'],
  ['minAvailable: 1%,', 'replicas: 3,'],
  ['', 'replicas: 3,'],
])('says nothing of %s with %s', (spec, replicas) => {
  expect(check(spec, replicas)).toEqual([]);
});

test('the most pods that there can be decide', () => {
  expect(check('maxUnavailable: 2,', '', scaled)).toEqual([]);
  expect(check('maxUnavailable: 5,', '', scaled)).toHaveLength(1);
});
