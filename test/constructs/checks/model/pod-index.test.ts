import { modelOf } from '../../../support/check-rule';

const model = modelOf(`
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: kafka }
spec:
  template: { metadata: { labels: { app: kafka } }, spec: { containers: [{ name: kafka, image: kafka:4 }] } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: redis-replica }
spec:
  template: { metadata: { labels: { app: redis, role: replica } }, spec: { containers: [{ name: r, image: redis:8 }] } }
---
apiVersion: ray.io/v1
kind: RayCluster
metadata: { name: ray }
spec:
  headGroupSpec: { template: { spec: { containers: [{ name: head, image: rayproject/ray:2.53.0 }] } } }
`);
const selected = (labels: Record<string, string>) =>
  model.pods.selectLabels(labels, 'default').map(({ label }) => label);

test.each([
  [
    'a pod of a StatefulSet',
    { app: 'kafka', 'statefulset.kubernetes.io/pod-name': 'kafka-2' },
    ['StatefulSet/kafka'],
  ],
  ['a pod of another one', { 'statefulset.kubernetes.io/pod-name': 'zookeeper-0' }, []],
  [
    'the leader, which the pods themselves mark',
    { app: 'kafka', 'spilo-role': 'master' },
    ['StatefulSet/kafka'],
  ],
  ['a role that the template gives', { app: 'redis', role: 'replica' }, ['StatefulSet/redis-replica']],
  ['a role that the template gives to no pod', { app: 'redis', role: 'master' }, []],
  [
    'a label that Ray sets',
    { 'ray.io/cluster': 'ray', 'ray.io/node-type': 'head' },
    ['RayCluster/ray (head)'],
  ],
])('labels set at run time: %s', (_case, labels, expected) => {
  expect(selected(labels)).toEqual(expected);
});
