import { ApiObject, App, Chart } from 'cdk8s';
import { KubernetesChart } from '../../../constructs/bridge';
import { ModelStore } from '../../../constructs/kubernetes';
import { type GcpFoundationArgs, gcpFoundation } from '../../../stacks/gcp';
import { GCP, GCP_PREVIEW } from '../../constructs/gcp/gcp-mocks';
import { runProgram, UNKNOWN } from '../../support/pulumi-mocks';

const GIB = 1024 ** 3;
const ARGS: GcpFoundationArgs = {
  name: 'chat',
  sizing: {
    database: { cpu: 2, memory: 4 * GIB, storage: 100 * GIB, maxConnections: 60 },
    cache: { memory: GIB, mode: 'single', maxConnections: 30 },
  },
  cluster: { publicAccessCidrs: ['203.0.113.0/24'] },
  image: { existing: { repository: 'ghcr.io/acme/chat', tag: '1.4.2' } },
};

/** A program as a user writes it: the foundation, its objects in a chart, and a model store on its storage. */
async function program() {
  const foundation = await gcpFoundation(ARGS);
  const chart = new Chart(new App(), 'chat', { namespace: 'llm' });
  for (const { kind, ...object } of foundation.objects) {
    new ApiObject(chart, `${kind}-${object.metadata.name}`, { kind, ...object });
  }
  const { database, storage } = foundation.backing;
  new ModelStore(chart, 'models', { name: 'chat', storage, size: '500Gi' });
  new ApiObject(chart, 'where', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'where' },
    data: { url: `postgres://${database.host}:${database.port}/${database.database}` },
  });
  new KubernetesChart('chat', { chart }, { provider: foundation.provider, dependsOn: [...foundation.ready] });
}

describe("the foundation's objects, deployed by the bridge", () => {
  it('reach the cluster with their values in place, and secrets secret', async () => {
    const run = await runProgram(program, GCP);
    const get = (type: string, name: string) =>
      run
        .ofType(type)
        .find(({ inputs }) => (inputs.metadata as { name?: string } | undefined)?.name === name);

    const credentials = get('kubernetes:core/v1:Secret', 'chat-cache');
    expect(credentials?.inputs).toMatchObject({
      metadata: { namespace: 'llm' },
      stringData: { username: 'default', password: 'auth-string-of-redis' },
    });
    expect(credentials?.secrets.some((path) => path.startsWith('stringData'))).toBe(true);
    expect(get('kubernetes:core/v1:ConfigMap', 'where')?.inputs.data).toEqual({
      url: 'postgres://0a1b.2c3d.europe-west3.sql-psa.goog:5432/polypod',
    });
    const authorities = get('kubernetes:core/v1:ConfigMap', 'chat-database-ca');
    expect(authorities?.inputs.data).toEqual({ 'ca.pem': expect.stringContaining('BEGIN CERTIFICATE') });
    expect(authorities?.secrets).toEqual([]);
    const job = JSON.stringify(get('kubernetes:batch/v1:Job', 'chat-database-database-user')?.inputs);
    expect(job).toContain('0a1b.2c3d.europe-west3.sql-psa.goog');
    expect(job).not.toContain('Calling [toString]');
  });

  it('bind the model store to the Filestore volume, by a class that needs no object', async () => {
    const run = await runProgram(program, GCP);
    const volume = run.get('kubernetes:core/v1:PersistentVolume').inputs.spec;
    const claim = run.get('kubernetes:core/v1:PersistentVolumeClaim').inputs.spec;
    expect(volume).toMatchObject({
      storageClassName: 'chat-files',
      csi: {
        volumeHandle: 'modeInstance/europe-west3/chat-files-instance/models',
        volumeAttributes: { ip: '10.0.144.2', volume: 'models' },
      },
    });
    expect(claim).toMatchObject({ storageClassName: 'chat-files', accessModes: ['ReadWriteMany'] });
    expect(run.counts()).not.toHaveProperty('kubernetes:storage.k8s.io/v1:StorageClass');
  });

  it('are planned in a preview, with what Google makes up unknown', async () => {
    const run = await runProgram(program, GCP_PREVIEW);
    const where = run
      .ofType('kubernetes:core/v1:ConfigMap')
      .find(({ inputs }) => (inputs.metadata as { name?: string }).name === 'where');
    expect(where?.inputs.data).toEqual({ url: UNKNOWN });
    expect(run.get('kubernetes:core/v1:PersistentVolume').inputs.spec).toMatchObject({
      csi: { volumeAttributes: { ip: UNKNOWN, volume: 'models' } },
    });
    expect(run.ofType('kubernetes:batch/v1:Job')).toHaveLength(1);
  });
});
