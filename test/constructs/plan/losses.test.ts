import { planOf } from '../../../constructs/plan';
import { objectsOf } from '../../support/objects';

const labels = { app: 'chat' };
const selector = { labelSelector: { matchLabels: labels } };
const constraint = (domain: string, whenUnsatisfiable: string) => ({
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: domain, whenUnsatisfiable, ...selector }],
});
const NODE = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

function losses(pod: object, replicas = 3, kind = 'Deployment', more: readonly object[] = []) {
  const workload = {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'chat' },
    spec: {
      replicas,
      template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a:1' }], ...pod } },
    },
  };
  return planOf(objectsOf([workload, ...more].map((one) => JSON.stringify(one)).join('\n---\n'))).losses;
}
const of = (lost: string, found: ReturnType<typeof losses>) => found.filter((loss) => loss.lost === lost);

test.each([
  ['nothing', {}, 0, 'none', 0, 'none'],
  ['a wish for nodes', constraint(NODE, 'ScheduleAnyway'), 2, 'usual', 0, 'none'],
  ['a rule for nodes', constraint(NODE, 'DoNotSchedule'), 2, 'kept', 0, 'none'],
  ['a wish for zones', constraint(ZONE, 'ScheduleAnyway'), 2, 'usual', 2, 'usual'],
  ['a rule for zones', constraint(ZONE, 'DoNotSchedule'), 2, 'kept', 2, 'kept'],
  [
    'anti-affinity',
    {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: NODE, ...selector }],
        },
      },
    },
    2,
    'kept',
    0,
    'none',
  ],
  [
    "a rule about others' pods",
    {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: NODE,
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: 'other' } },
        },
      ],
    },
    0,
    'none',
    0,
    'none',
  ],
])('three replicas with %s', (_spread, pod, ofNode, nodePromise, ofZone, zonePromise) => {
  const found = losses(pod);
  expect(of('node', found)).toMatchObject([{ pods: 3, keeps: ofNode, promise: nodePromise }]);
  expect(of('zone', found)).toMatchObject([{ pods: 3, keeps: ofZone, promise: zonePromise }]);
});

test('of eight in three zones, a lost zone takes three', () => {
  const found = losses(constraint(ZONE, 'DoNotSchedule'), 8);
  expect(of('zone', found)).toMatchObject([{ keeps: 5, promise: 'kept' }]);
  expect(of('node', found)).toMatchObject([{ keeps: 5, promise: 'kept' }]);
});

test('one replica keeps nothing, and its disk holds it in its zone', () => {
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'gp3' },
  };
  const [statefulSet] = objectsOf(
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        volumeClaimTemplates: [claim],
        template: { spec: { containers: [{ name: 'a', image: 'postgres:17' }] } },
      },
    }),
  );
  const found = planOf(statefulSet ? [statefulSet] : []).losses;
  expect(of('node', found)).toMatchObject([{ keeps: 0, promise: 'none' }]);
  const [pods, disk] = of('zone', found);
  expect(pods?.text).toContain('waits for its disk');
  expect(disk).toMatchObject({ subject: 'StatefulSet/db volume data', promise: 'none' });
});

test.each([
  ['efs.csi.aws.com', {}, 'kept'],
  ['filestore.csi.storage.gke.io', { tier: 'regional' }, 'kept'],
  ['filestore.csi.storage.gke.io', { tier: 'zonal' }, 'none'],
  ['file.csi.azure.com', { skuName: 'Premium_ZRS' }, 'kept'],
  ['file.csi.azure.com', { skuName: 'Standard_LRS' }, 'none'],
  ['nfs.csi.k8s.io', {}, 'unknown'],
])('a volume of %s with %j in a lost zone: %s', (provisioner, parameters, promise) => {
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'shared' },
    provisioner,
    parameters,
  };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'models' },
    spec: { accessModes: ['ReadWriteMany'], storageClassName: 'shared' },
  };
  const found = losses({}, 3, 'Deployment', [storageClass, claim]);
  expect(of('zone', found).at(-1)).toMatchObject({ subject: 'PersistentVolumeClaim/models', promise });
});

test('workloads that may all be lost at once are named first', () => {
  const yaml = JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'chat' },
    spec: { replicas: 2, template: { spec: { containers: [{ name: 'a', image: 'a:1' }] } } },
  });
  expect(planOf(objectsOf(yaml)).attention.map(({ severity, text }) => `${severity}: ${text}`)).toEqual([
    expect.stringMatching(/^warned: the loss of a node may take all of Deployment\/chat/),
    expect.stringMatching(/^warned: the loss of a zone may take all of Deployment\/chat/),
  ]);
});
