import { placeholderText, type SharedStorage } from '../../../../constructs/contracts';
import {
  azureFiles,
  efs,
  existingClass,
  filestore,
  ModelStore,
  type ModelStoreProps,
  nfs,
} from '../../../../constructs/kubernetes';
import { chart, problemsOf } from '../fixtures';

const MIB = 2 ** 20;
const elastic = efs({ fileSystemId: 'fs-0123456789abcdef0' });

function make(props: Partial<ModelStoreProps> = {}): ModelStore {
  return new ModelStore(chart(), 'models', { name: 'chat', storage: elastic, size: '200Gi', ...props });
}

test('makes one claim that all replicas share, of a class that keeps its volumes', () => {
  const store = make();
  expect(store.claimName).toBe('chat-models');
  expect(store.claim?.toJson()).toMatchObject({
    metadata: { name: 'chat-models', namespace: 'llm' },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: 'polypod-efs',
      resources: { requests: { storage: '200Gi' } },
    },
  });
  expect(store.storageClass?.toJson()).toMatchObject({
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'Immediate',
  });
  expect(store.storageClass?.toJson().metadata).not.toHaveProperty('namespace');
});

test('takes a class that exists', () => {
  const store = make({ storage: existingClass({ name: 'fast-rwx', throughput: { perClient: 1e9 } }) });
  expect(store.storageClass).toBeUndefined();
  expect(store.claim?.toJson().spec.storageClassName).toBe('fast-rwx');
});

test('takes a claim that exists, and makes nothing', () => {
  const store = make({ existingClaim: 'weights', size: undefined });
  expect(store.claimName).toBe('weights');
  expect(store.node.children).toEqual([]);
});

describe('what it lies on', () => {
  const classOf = (storage: SharedStorage) => make({ storage, size: '2Ti' }).storageClass?.toJson();

  test("EFS: an access point of the pods' user, encrypted, the same folder again for the same claim", () => {
    expect(classOf(efs({ fileSystemId: 'fs-0123456789abcdef0', uid: 20000, gid: 20001 }))).toMatchObject({
      provisioner: 'efs.csi.aws.com',
      parameters: {
        provisioningMode: 'efs-ap',
        fileSystemId: 'fs-0123456789abcdef0',
        directoryPerms: '0750',
        uid: '20000',
        gid: '20001',
        ensureUniqueDirectory: 'false',
      },
      mountOptions: ['tls'],
    });
    expect(elastic.throughput).toMatchObject({ perClient: 500 * MIB });
  });

  test('Filestore: as fast as it is large', () => {
    const zonal = filestore({
      tier: 'zonal',
      network: 'vpc',
      connectMode: 'PRIVATE_SERVICE_ACCESS',
      tebibytes: 4,
    });
    expect(classOf(zonal)).toMatchObject({
      provisioner: 'filestore.csi.storage.gke.io',
      parameters: { tier: 'zonal', network: 'vpc', 'connect-mode': 'PRIVATE_SERVICE_ACCESS' },
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    expect(zonal.throughput).toMatchObject({ perClient: 1040 * MIB, aggregate: 1040 * MIB });
  });

  test('Azure Files: NFS on SSDs over three zones, private and encrypted', () => {
    const share = azureFiles({ gibibytes: 1000 });
    expect(classOf(share)).toMatchObject({
      provisioner: 'file.csi.azure.com',
      parameters: {
        protocol: 'nfs',
        skuName: 'Premium_ZRS',
        networkEndpointType: 'privateEndpoint',
        encryptInTransit: 'true',
      },
      mountOptions: expect.arrayContaining(['nconnect=4']),
    });
    expect(share.throughput).toMatchObject({ aggregate: 200 * MIB });
  });

  test('NFS: a client waits for its server', () => {
    expect(classOf(nfs({ server: 'nas.internal', share: '/exports/models' }))).toMatchObject({
      provisioner: 'nfs.csi.k8s.io',
      parameters: { server: 'nas.internal', share: '/exports/models', onDelete: 'retain' },
      mountOptions: ['hard', 'nfsvers=4.1', 'noatime'],
    });
  });

  test("figures that are known better replace the provider's", () => {
    const known = nfs({ server: 'nas', share: '/m', throughput: { perClient: 1e9 } });
    expect(known.throughput).toEqual({ perClient: 1e9, aggregate: 110 * MIB, source: 'given' });
  });
});

describe('refuses', () => {
  const disks = (provisioner: string): SharedStorage => ({
    kind: 'existing',
    storageClass: { name: 'disks', provisioner, parameters: {} },
    throughput: { perClient: 1 },
  });

  test.each(['gp3', 'premium-rwo', 'managed-csi'])("the cloud's class of disks %s", (name) => {
    const storage = existingClass({ name, throughput: { perClient: 1 } });
    expect(problemsOf(() => make({ storage }))).toEqual({
      'storage.storageClass': expect.stringMatching(
        /which only one node can mount → take a network file system/,
      ),
    });
  });

  test('a class to be made of disks', () => {
    expect(problemsOf(() => make({ storage: disks('ebs.csi.aws.com') }))).toHaveProperty([
      'storage.storageClass.provisioner',
    ]);
  });

  test.each([
    ['zonal', '1000Gi', '1Ti'],
    ['regional', '50Gi', '100Gi'],
    ['enterprise', '512Gi', '1Ti'],
  ] as const)('Filestore %s of %s', (tier, size, least) => {
    expect(problemsOf(() => make({ storage: filestore({ tier }), size }))).toEqual({
      size: `is less than the smallest volume of filestore, ${least} → write ${least} or more`,
    });
  });

  test('no size, a strange one, and one for a claim that exists', () => {
    expect(problemsOf(() => make({ size: undefined }))).toHaveProperty('size');
    expect(problemsOf(() => make({ size: '200GB' })).size).toContain('200Gi');
    expect(problemsOf(() => make({ existingClaim: 'weights' })).size).toContain('has no effect');
  });

  test('nothing about a size that is not known yet', () => {
    expect(() => make({ size: placeholderText(1) })).not.toThrow();
  });
});
