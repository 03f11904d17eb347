import { SharedFileSystem, type SharedFileSystemArgs } from '../../../constructs/gcp/shared-file-system';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { GCP, GCP_PREVIEW, KEY, MODES, NETWORK_ID, PLACEMENT } from './gcp-mocks';

const INSTANCE = 'gcp:filestore/instance:Instance';
const build = (args: Partial<SharedFileSystemArgs> = {}) =>
  new SharedFileSystem('chat-files', { placement: PLACEMENT, ...args });

describe('SharedFileSystem', () => {
  it.each(MODES)('makes one regional instance that admits the nodes alone, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({ [INSTANCE]: 1 });
    expect(run.get(INSTANCE)).toMatchObject({ protect: true, retainOnDelete: true });
    expect(run.get(INSTANCE).inputs).toMatchObject({
      tier: 'REGIONAL',
      location: 'europe-west3',
      deletionProtectionEnabled: true,
      fileShares: {
        name: 'models',
        capacityGb: 1024,
        nfsExportOptions: [
          { ipRanges: ['10.0.128.0/20'], accessMode: 'READ_WRITE', squashMode: 'NO_ROOT_SQUASH' },
        ],
      },
      networks: [
        {
          network: NETWORK_ID,
          modes: ['MODE_IPV4'],
          connectMode: 'PRIVATE_SERVICE_ACCESS',
          reservedIpRange: 'managed-services',
        },
      ],
      labels: { 'polypod-component': 'chat-files' },
    });
  });

  it('gives the volume that the model store claims, which the kubelet gives to the pods’ group', async () => {
    const run = await runProgram(() => build(), GCP);
    expect(run.result.contract).toEqual({
      kind: 'filestore',
      storageClass: 'chat-files',
      throughput: expect.objectContaining({ perClient: 272_629_760, aggregate: 272_629_760 }),
    });
    expect((await opened(run.result.objects[0])).value).toMatchObject({
      kind: 'PersistentVolume',
      spec: {
        storageClassName: 'chat-files',
        capacity: { storage: '1024Gi' },
        // The first is what claims ask for and the driver mounts; the second, with a type, turns fsGroup on.
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        csi: {
          driver: 'filestore.csi.storage.gke.io',
          fsType: 'nfs',
          volumeHandle: 'modeInstance/europe-west3/chat-files-instance/models',
          volumeAttributes: { ip: '10.0.144.2', volume: 'models' },
        },
      },
    });
    const ready = await Promise.all(run.result.ready.map(async ({ urn }) => (await opened(urn)).value));
    expect(ready).toEqual([run.get(INSTANCE).urn]);
  });

  it('lies in the zone that is named, for half the price', async () => {
    const run = await runProgram(() => build({ tier: { zonal: 'europe-west3-b' }, capacityGib: 2048 }), GCP);
    expect(run.get(INSTANCE).inputs).toMatchObject({ tier: 'ZONAL', location: 'europe-west3-b' });
    expect(run.result.contract.throughput.perClient).toBe(545_259_520);
  });

  it('leaves the address unknown in a preview', async () => {
    const run = await runProgram(() => build(), GCP_PREVIEW);
    const { spec } = run.result.objects[0] as unknown as {
      spec: { csi: { volumeHandle: string; volumeAttributes: { ip: string } } };
    };
    expect((await opened(spec.csi.volumeAttributes.ip)).value).toBe(UNKNOWN);
  });

  it('can be encrypted with a key, torn down on purpose, and changed where nothing else helps', async () => {
    const run = await runProgram(
      () =>
        build({ kmsKeyName: KEY, removal: 'destroy', transform: { instance: { description: 'Models' } } }),
      GCP,
    );
    expect(run.get(INSTANCE)).toMatchObject({
      protect: false,
      retainOnDelete: false,
      inputs: { kmsKeyName: KEY, deletionProtectionEnabled: false, description: 'Models' },
    });
  });

  it.each([
    [{ capacityGib: 99 }, /capacityGib = 99/],
    [{ tier: { zonal: 'europe-west3-b' }, capacityGib: 512 }, /capacityGib = 512\n.*1024 to 102400/],
    [
      { tier: { zonal: 'europe-west3-b' }, capacityGib: 1100 },
      /capacityGib = 1100\n.*256 GiB[\s\S]*write 1280/,
    ],
    [{ capacityGib: 11_000 }, /capacityGib = 11000\n.*2560 GiB[\s\S]*write 12800/],
    [{ tier: { zonal: 'europe-west3' } }, /tier\.zonal = "europe-west3"/],
    [{ tier: JSON.parse('"standard"') }, /tier = "standard"/],
  ])('refuses %j', async (args, message) => {
    await runProgram(() => expect(() => build(args)).toThrow(message), GCP);
  });

  it('says everything that is wrong before anything is registered', async () => {
    const run = await runProgram(() => {
      expect(() =>
        build({
          placement: { ...PLACEMENT, networkId: 'default', peeringRangeCidr: 'all' },
          kmsKeyName: 'my-key',
          labels: { Owner: 'Me' },
        }),
      ).toThrow(
        /5 problems[\s\S]*placement\.networkId[\s\S]*placement\.peeringRangeCidr[\s\S]*kmsKeyName[\s\S]*labels\["Owner"\][\s\S]*labels\["Owner"\]/,
      );
    }, GCP);
    expect(run.resources).toEqual([]);
  });
});
