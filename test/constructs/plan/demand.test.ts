import { Model } from '../../../constructs/checks/model';
import { plus, podDemand, times } from '../../../constructs/plan/demand';
import fc from '../../support/fuzz';
import { objectsOf } from '../../support/objects';

const GIB = 2 ** 30;

function demandOf(spec: object) {
  const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec };
  const [workload] = new Model(objectsOf(JSON.stringify(manifest))).workloads;
  if (!workload) throw new Error('no pod');
  return podDemand(workload);
}

const container = (name: string, cpu: string, memory: string, more: object = {}) => ({
  name,
  image: 'a:1',
  resources: { requests: { cpu, memory } },
  ...more,
});
const sidecar = (name: string, cpu: string, memory: string) =>
  container(name, cpu, memory, { restartPolicy: 'Always' });

test('containers that run together add up', () => {
  expect(demandOf({ containers: [container('a', '500m', '1Gi'), container('b', '2', '512Mi')] })).toEqual({
    cpu: 2.5,
    memory: 1.5 * GIB,
    devices: {},
  });
});

test('an init container counts where it asks for more, each resource by itself', () => {
  const spec = {
    initContainers: [container('pull', '4', '1Gi')],
    containers: [container('a', '1', '3Gi')],
  };
  expect(demandOf(spec)).toMatchObject({ cpu: 4, memory: 3 * GIB });
});

test('init containers run one after the other: only the largest counts', () => {
  const spec = {
    initContainers: [container('one', '2', '2Gi'), container('two', '3', '1Gi')],
    containers: [container('a', '1', '1Gi')],
  };
  expect(demandOf(spec)).toMatchObject({ cpu: 3, memory: 2 * GIB });
});

test('a sidecar runs beside the main containers, and beside init containers that start after it', () => {
  const main = [container('a', '1', '1Gi')];
  const after = {
    initContainers: [sidecar('proxy', '1', '1Gi'), container('pull', '4', '1Gi')],
    containers: main,
  };
  expect(demandOf(after)).toMatchObject({ cpu: 5, memory: 2 * GIB });
  const before = {
    initContainers: [container('pull', '4', '1Gi'), sidecar('proxy', '1', '1Gi')],
    containers: main,
  };
  expect(demandOf(before)).toMatchObject({ cpu: 4, memory: 2 * GIB });
});

test('the overhead of a runtime class is added, and a request for the whole pod replaces the sum', () => {
  const spec = { containers: [container('a', '1', '1Gi')] };
  expect(demandOf({ ...spec, overhead: { cpu: '250m', memory: '128Mi' } })).toMatchObject({
    cpu: 1.25,
    memory: 1.125 * GIB,
  });
  expect(demandOf({ ...spec, resources: { requests: { cpu: '3' } } })).toMatchObject({ cpu: 3, memory: GIB });
});

test('a limit alone is the request, and GPUs are counted by their resource', () => {
  const resources = { limits: { cpu: '2', memory: '4Gi', 'nvidia.com/gpu': '2' } };
  expect(demandOf({ containers: [{ name: 'a', image: 'a:1', resources }] })).toEqual({
    cpu: 2,
    memory: 4 * GIB,
    devices: { 'nvidia.com/gpu': 2 },
  });
});

test('so many pods together are as much as one by one', () => {
  const amount = fc.record({
    cpu: fc.integer({ min: 0, max: 64_000 }).map((millis) => millis / 1000),
    memory: fc.integer({ min: 0, max: 2 ** 40 }),
    devices: fc.dictionary(fc.constantFrom('nvidia.com/gpu', 'amd.com/gpu'), fc.integer({ min: 1, max: 8 })),
  });
  fc.assert(
    fc.property(amount, fc.integer({ min: 1, max: 12 }), (one, pods) => {
      const together = Array.from({ length: pods - 1 }).reduce<typeof one>(
        (sum) => ({ ...plus(sum, one) }),
        one,
      );
      const at = times(one, pods);
      expect(at.cpu).toBeCloseTo(together.cpu, 3);
      expect({ ...at, cpu: 0 }).toEqual({ ...together, cpu: 0 });
    }),
  );
});
