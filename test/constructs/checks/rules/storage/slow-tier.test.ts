import { slowTier } from '../../../../../constructs/checks/rules/storage/slow-tier';
import { placeholderText } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const storageClass = (provisioner: string, parameters: string) => `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: shared }
provisioner: ${provisioner}
parameters: { ${parameters} }
`;
const claim = (className: string) => `---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: volume }
spec: { accessModes: [ReadWriteMany], storageClassName: ${className} }
`;
const mounting = (image: string, mountPath: string) => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  template:
    spec:
      containers: [{ name: app, image: '${image}', volumeMounts: [{ name: v, mountPath: ${mountPath} }] }]
      volumes: [{ name: v, persistentVolumeClaim: { claimName: volume } }]
`;
const ollama = mounting('ollama/ollama:0.12.0', '/root/.ollama');
const FILESTORE = 'filestore.csi.storage.gke.io';
const AZURE_FILES = 'file.csi.azure.com';

test.each([
  [FILESTORE, 'tier: standard', 'parameters.tier'],
  [FILESTORE, '', 'parameters.tier'],
  [FILESTORE, 'tier: no-such-tier', 'parameters.tier'],
  [AZURE_FILES, 'skuName: Standard_LRS', 'parameters.skuName'],
  [AZURE_FILES, 'storageAccountType: Standard_ZRS', 'parameters.storageAccountType'],
  [AZURE_FILES, '', 'parameters.skuName'],
])('fires on %s with {%s} under model files', (provisioner, parameters, path) => {
  const yaml = storageClass(provisioner, parameters) + claim('shared') + ollama;
  expect(findingsOf(slowTier, yaml)).toMatchObject([
    { object: 'StorageClass/shared', path, severity: 'warning' },
  ]);
});

test("fires on the claim where the class is the cloud's own", () => {
  expect(findingsOf(slowTier, claim('azurefile-csi') + ollama)).toMatchObject([
    { object: 'PersistentVolumeClaim/volume', path: 'spec.storageClassName' },
  ]);
});

test('fires on the models inside of an application', () => {
  const yaml = claim('standard-rwx') + mounting('mintplexlabs/anythingllm:1.9', '/app/server/storage');
  expect(findingsOf(slowTier, yaml)).toHaveLength(1);
});

test('fires on a class that nothing in the input uses', () => {
  expect(findingsOf(slowTier, storageClass(FILESTORE, 'tier: standard'))).toHaveLength(1);
});

test.each([
  ['a fast tier', storageClass(FILESTORE, 'tier: zonal') + claim('shared') + ollama],
  ['premium shares', storageClass(AZURE_FILES, 'skuName: Premium_LRS') + claim('shared') + ollama],
  [
    'NFS without a sku, which is premium',
    storageClass(AZURE_FILES, 'protocol: nfs') + claim('shared') + ollama,
  ],
  ['EFS', storageClass('efs.csi.aws.com', 'provisioningMode: efs-ap') + claim('shared') + ollama],
  [
    'other files on it',
    storageClass(FILESTORE, 'tier: standard') + claim('shared') + mounting('nginx:1.29', '/srv/www'),
  ],
  [
    'a sku that a cloud has yet to give',
    storageClass(AZURE_FILES, `skuName: Standard_${placeholderText(3)}`) + claim('shared') + ollama,
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(slowTier, yaml)).toEqual([]);
});
