import { Model } from '../../../constructs/checks/model';
import { scaleOutPlan } from '../../../constructs/plan/scale-out';
import fc from '../../support/fuzz';
import { objectsOf } from '../../support/objects';

function scaled(autoscaler: object, startSeconds = 0) {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'chat' },
    spec: { template: { spec: { containers: [{ name: 'a', image: 'a:1' }] } } },
  };
  const model = new Model(
    objectsOf([deployment, autoscaler].map((one) => JSON.stringify(one)).join('\n---\n')),
  );
  const [workload] = model.workloads;
  return workload && scaleOutPlan(workload, startSeconds);
}
const hpa = (min: number, max: number, scaleUp?: object) => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'chat' },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'chat' },
    minReplicas: min,
    maxReplicas: max,
    ...(scaleUp && { behavior: { scaleUp } }),
  },
});
const twoAMinute = {
  stabilizationWindowSeconds: 300,
  policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }],
};

test("seed 002's behaviour: 2 pods a minute after 300 s, 3 to 10 nodes in four steps", () => {
  // A look each 15 s, the window, and three more minutes: 2, 4, 6, 7.
  expect(scaled(hpa(3, 10, twoAMinute), 40)).toMatchObject({
    from: 3,
    to: 10,
    askedAfter: 15 + 300 + 3 * 60,
    servesAfter: 15 + 300 + 3 * 60 + 40,
  });
});

test("seed 001's autoscaler says nothing of behaviour: doubled, or four more, each 15 s", () => {
  expect(scaled(hpa(2, 10))?.askedAfter).toBe(30); // 2, 6, 10
  expect(scaled(hpa(8, 64))?.askedAfter).toBe(45); // 8, 16, 32, 64
});

test('of several policies the most generous counts, unless the least is chosen', () => {
  const policies = [
    { type: 'Pods', value: 1, periodSeconds: 60 },
    { type: 'Percent', value: 100, periodSeconds: 60 },
  ];
  expect(scaled(hpa(4, 8, { policies }))?.askedAfter).toBe(15);
  expect(scaled(hpa(4, 8, { policies, selectPolicy: 'Min' }))?.askedAfter).toBe(15 + 3 * 60);
});

test('one that may not scale up says so', () => {
  expect(scaled(hpa(1, 4, { selectPolicy: 'Disabled' }))).toMatchObject({
    askedAfter: null,
    servesAfter: null,
  });
});

test("KEDA's behaviour stands in another place", () => {
  const scaledObject = {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'chat' },
    spec: {
      scaleTargetRef: { name: 'chat' },
      minReplicaCount: 3,
      maxReplicaCount: 10,
      advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleUp: twoAMinute } } },
    },
  };
  expect(scaled(scaledObject)?.askedAfter).toBe(15 + 300 + 3 * 60);
});

test('a fixed number of pods has no scale-out', () => {
  expect(scaled(hpa(3, 3))).toBeUndefined();
});

test('further to go never takes less time', () => {
  const range = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(range, range, range, fc.integer({ min: 1, max: 6 }), (min, first, second, value) => {
      const scaleUp = { policies: [{ type: 'Pods', value, periodSeconds: 60 }] };
      const near = scaled(hpa(min, min + first, scaleUp))?.askedAfter ?? 0;
      const far = scaled(hpa(min, min + first + second, scaleUp))?.askedAfter ?? 0;
      expect(far).toBeGreaterThanOrEqual(near);
    }),
    { numRuns: 50 },
  );
});
