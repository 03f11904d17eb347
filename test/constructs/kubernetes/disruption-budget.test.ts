import {
  DisruptionBudget,
  type DisruptionBudgetProps,
  type Replicas,
  type Workload,
} from '../../../constructs/kubernetes';
import { chart, problemsOf } from './fixtures';

function make(replicas: Replicas, props: Partial<DisruptionBudgetProps> = {}): DisruptionBudget {
  const workload: Workload = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    name: 'chat',
    selector: { app: 'chat' },
    replicas,
  };
  return new DisruptionBudget(chart(), 'budget', { workload, ...props });
}

test('lets one pod go at a time, and never waits for a broken one', () => {
  expect(make({ min: 3, max: 10 }).podDisruptionBudget?.toJson()).toMatchObject({
    metadata: { name: 'chat' },
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: { app: 'chat' } },
    },
  });
});

test.each([1, { min: 1, max: 10 }])('is not made where only one pod is guaranteed: %j', (replicas) => {
  expect(make(replicas).podDisruptionBudget).toBeUndefined();
});

test('keeps a number of pods where asked', () => {
  const spec = make(5, { minAvailable: 3 }).podDisruptionBudget?.toJson().spec;
  expect(spec).toMatchObject({ minAvailable: 3 });
  expect(spec).not.toHaveProperty('maxUnavailable');
});

test.each<[Replicas, Partial<DisruptionBudgetProps>]>([
  [2, { maxUnavailable: '50%' }],
  [3, { maxUnavailable: '1%' }],
  [4, { minAvailable: '75%' }],
  [{ min: 2, max: 9 }, { minAvailable: 1 }],
])('takes %j with %j', (replicas, props) => {
  expect(() => make(replicas, props)).not.toThrow();
});

test.each<[Replicas, Partial<DisruptionBudgetProps>, string, string]>([
  [3, { maxUnavailable: 0 }, 'maxUnavailable', 'every drain of a node would hang → write 1 or more'],
  [3, { minAvailable: 3 }, 'minAvailable', 'every drain of a node would hang → write 2 or less'],
  [{ min: 2, max: 9 }, { minAvailable: 2 }, 'minAvailable', 'while there are 2'],
  [3, { minAvailable: '90%' }, 'minAvailable', 'every drain of a node would hang'],
  [3, { minAvailable: 0 }, 'minAvailable', 'protects nothing'],
  [3, { maxUnavailable: '100%' }, 'maxUnavailable', 'lets all 3 pods go at once'],
  [3, { maxUnavailable: 'many' }, 'maxUnavailable', 'is no number of pods'],
  [3, { maxUnavailable: 1, minAvailable: 1 }, 'minAvailable', 'stands beside maxUnavailable'],
])('refuses %j with %j', (replicas, props, path, text) => {
  expect(problemsOf(() => make(replicas, props))).toEqual({ [path]: expect.stringContaining(text) });
});
