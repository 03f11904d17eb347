import { surgeBlocked } from '../../../../../constructs/checks/rules/rollout/surge-blocked';
import { placeholderNumber } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const GPU = 'resources: { limits: { nvidia.com/gpu: 1 } }';
const deployment = (spec: string, container = GPU, pod = '', kind = 'Deployment') => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: chat }
spec: { ${spec} template: { spec: { ${pod} containers: [{ name: a, image: a:1, ${container} }] } } }
`;
const claim = (modes: string, spec = '') => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [${modes}], ${spec} }
`;
const DATA = 'volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }],';
const rolling = (figures: string) => `strategy: { type: RollingUpdate, rollingUpdate: { ${figures} } },`;
const check = (...parts: string[]) => findingsOf(surgeBlocked, parts.join('\n---\n'));

test.each([
  ['one replica, of which 25 % are none', '', 'spec.strategy', '25% of 1 replica'],
  ['three replicas, of which 25 % are none', 'replicas: 3,', 'spec.strategy', '25% of 3 replicas'],
  [
    'maxUnavailable: 0',
    `replicas: 8, ${rolling('maxUnavailable: 0, maxSurge: 1')}`,
    'spec.strategy.rollingUpdate.maxUnavailable',
    'maxUnavailable is 0',
  ],
  [
    'a share that comes to none',
    `replicas: 4, ${rolling('maxUnavailable: 20%')}`,
    'spec.strategy.rollingUpdate.maxUnavailable',
    '20% of 4',
  ],
])('GPUs and %s', (_case, spec, path, message) => {
  expect(check(deployment(spec))).toEqual([
    expect.objectContaining({
      object: 'Deployment/chat',
      path,
      severity: 'warning',
      message: expect.stringContaining(message),
    }),
  ]);
});

test.each(['ReadWriteOnce', 'ReadWriteOncePod'])('a claim that is %s', (mode) => {
  const [finding] = check(deployment('', '', DATA), claim(mode));
  expect(finding?.message).toContain(`the ${mode} claim data`);
});

test.each([
  'amd.com/gpu: 2',
  'nvidia.com/mig-1g.10gb: 1',
  'habana.ai/gaudi: 8',
  'google.com/tpu: 4',
  "nvidia.com/gpu: '1'",
])('devices: %s', (resource) => {
  expect(check(deployment('', `resources: { limits: { ${resource} } }`))).toHaveLength(1);
});

test.each([
  ['Recreate', 'strategy: { type: Recreate },', GPU],
  ['four replicas, of which 25 % is one', 'replicas: 4,', GPU],
  ['maxUnavailable: 1', rolling('maxUnavailable: 1, maxSurge: 0'), GPU],
  ['100 %', rolling('maxUnavailable: 100%'), GPU],
  [
    'shares that both come to none, of which Kubernetes takes one pod',
    rolling('maxUnavailable: 25%, maxSurge: 0'),
    GPU,
  ],
  ['figures that a cloud has yet to say', rolling(`maxUnavailable: ${placeholderNumber(1)}`), GPU],
  ['nothing held', '', ''],
  ['no GPU', '', 'resources: { limits: { nvidia.com/gpu: 0 } }'],
  ['a share of a GPU', '', 'resources: { limits: { nvidia.com/gpu.shared: 1 } }'],
  ['no replicas', 'replicas: 0,', GPU],
])('says nothing of %s', (_case, spec, container) => {
  expect(check(deployment(spec, container))).toEqual([]);
});

test('says nothing of volumes that both pods can mount', () => {
  const mounting = (pod = '') => deployment('', '', `${pod} ${DATA}`);
  expect(check(mounting(), claim('ReadWriteMany'))).toEqual([]);
  expect(check(mounting())).toEqual([]);
  expect(check(mounting(), claim('ReadWriteOnce', 'storageClassName: azurefile-csi'))).toEqual([]);
  expect(check(mounting('nodeName: n1,'), claim('ReadWriteOnce'))).toEqual([]);
  expect(check(mounting('nodeName: n1,'), claim('ReadWriteOncePod'))).toHaveLength(1);
});

test('other kinds stop the old pod first', () => {
  expect(check(deployment('', GPU, '', 'StatefulSet'))).toEqual([]);
});

test('the minimum of an autoscaler counts', () => {
  const scaler = (least: number) => `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: s }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: chat }, minReplicas: ${least}, maxReplicas: 9 }
`;
  expect(check(deployment(''), scaler(4))).toEqual([]);
  expect(check(deployment(''), scaler(2))).toHaveLength(1);
});
