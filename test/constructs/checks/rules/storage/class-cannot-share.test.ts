import { classCannotShare } from '../../../../../constructs/checks/rules/storage/class-cannot-share';
import { findingsOf } from '../../../../support/check-rule';

const claim = (spec: string) => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: models }
spec: { ${spec} }
`;
const storageClass = (provisioner: string, annotation = '') => `---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: mine${annotation} }
provisioner: ${provisioner}
`;

test.each(['gp2', 'gp3', 'standard-rwo', 'premium-rwo', 'managed-csi', 'local-path'])(
  'fires on the class %s that a cloud gives',
  (name) => {
    const found = findingsOf(
      classCannotShare,
      claim(`accessModes: [ReadWriteMany], storageClassName: ${name}`),
    );
    expect(found).toMatchObject([
      { object: 'PersistentVolumeClaim/models', path: 'spec.storageClassName', severity: 'error' },
    ]);
  },
);

test('fires on a class of the input, by its provisioner', () => {
  const yaml =
    claim('accessModes: [ReadWriteMany], storageClassName: mine') + storageClass('ebs.csi.aws.com');
  expect(findingsOf(classCannotShare, yaml)[0]?.message).toContain('class mine (ebs.csi.aws.com)');
});

test("fires on the input's default class", () => {
  const isDefault = ", annotations: { storageclass.kubernetes.io/is-default-class: 'true' }";
  const yaml = claim('accessModes: [ReadWriteMany]') + storageClass('pd.csi.storage.gke.io', isDefault);
  expect(findingsOf(classCannotShare, yaml)).toHaveLength(1);
});

test('fires on a claim that is bound to a disk', () => {
  const volume = `---
apiVersion: v1
kind: PersistentVolume
metadata: { name: disk }
spec: { awsElasticBlockStore: { volumeID: vol-1 } }
`;
  const found = findingsOf(
    classCannotShare,
    claim("accessModes: [ReadWriteMany], storageClassName: '', volumeName: disk") + volume,
  );
  expect(found).toMatchObject([{ path: 'spec.volumeName' }]);
});

test('fires on a volumeClaimTemplate', () => {
  const found = findingsOf(
    classCannotShare,
    `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: chat }
spec:
  template: { spec: { containers: [] } }
  volumeClaimTemplates:
    - metadata: { name: models }
      spec: { accessModes: [ReadWriteMany], storageClassName: gp3 }
`,
  );
  expect(found).toMatchObject([
    { object: 'StatefulSet/chat', path: 'spec.volumeClaimTemplates[0].spec.storageClassName' },
  ]);
});

test.each([
  ['one node at a time', claim('accessModes: [ReadWriteOnce], storageClassName: gp3')],
  [
    'a network file system',
    claim('accessModes: [ReadWriteMany], storageClassName: mine') + storageClass('efs.csi.aws.com'),
  ],
  ['a class that nothing is known of', claim('accessModes: [ReadWriteMany], storageClassName: fast-ssd')],
  [
    'a provisioner that nothing is known of',
    claim('accessModes: [ReadWriteMany], storageClassName: mine') + storageClass('example.com/storage'),
  ],
  ['a raw device', claim('accessModes: [ReadWriteMany], storageClassName: gp3, volumeMode: Block')],
  ['no class, with the default one unknown', claim('accessModes: [ReadWriteMany]')],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(classCannotShare, yaml)).toEqual([]);
});

test('a class of the input wins over what its name says', () => {
  const yaml =
    claim('accessModes: [ReadWriteMany], storageClassName: gp3') +
    storageClass('efs.csi.aws.com').replace('mine', 'gp3');
  expect(findingsOf(classCannotShare, yaml)).toEqual([]);
});
