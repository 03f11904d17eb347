import { ApiObject, App, Chart } from 'cdk8s';
import { KubernetesChart } from '../../../constructs/bridge';
import type { ClusterObject } from '../../../constructs/cloud';
import { type AwsFoundationArgs, awsFoundation } from '../../../stacks/aws';
import { AWS, AWS_PREVIEW } from '../../constructs/aws/aws-mocks';
import { runProgram, UNKNOWN } from '../../support/pulumi-mocks';

const GIB = 1024 ** 3;
const ARGS: AwsFoundationArgs = {
  name: 'chat',
  sizing: {
    database: { cpu: 2, memory: 4 * GIB, storage: 100 * GIB, maxConnections: 60 },
    cache: { memory: GIB, mode: 'single', maxConnections: 30 },
  },
  cluster: { publicAccessCidrs: ['203.0.113.0/24'] },
  image: { existing: { repository: 'ghcr.io/acme/chat', tag: '1.4.2' } },
};

/** A program as a user writes it: the foundation, its objects in a chart, and what tells where the database is. */
async function program() {
  const foundation = await awsFoundation(ARGS);
  const chart = new Chart(new App(), 'chat', { namespace: 'llm' });
  for (const object of foundation.objects) add(chart, object);
  const { database, storage } = foundation.backing;
  if (typeof storage.storageClass === 'string') throw new Error('the foundation makes a class');
  const { name, provisioner, parameters } = storage.storageClass;
  add(chart, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    parameters,
  });
  add(chart, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'where' },
    data: { url: `postgres://${database.host}:${database.port}/${database.database}` },
  });
  new KubernetesChart('chat', { chart }, { provider: foundation.provider, dependsOn: [...foundation.ready] });
}

function add(chart: Chart, { kind, ...object }: ClusterObject): void {
  new ApiObject(chart, `${kind}-${object.metadata.name}`, { kind, ...object });
}

describe("the foundation's objects, deployed by the bridge", () => {
  it('reach the cluster with their values in place, and secrets secret', async () => {
    const run = await runProgram(program, AWS);
    const get = (type: string, name: string) =>
      run
        .ofType(type)
        .find(({ inputs }) => (inputs.metadata as { name?: string } | undefined)?.name === name);

    const secret = get('kubernetes:core/v1:Secret', 'chat-database');
    expect(secret?.inputs).toMatchObject({
      metadata: { namespace: 'llm' },
      stringData: { username: 'polypod', password: 'password-of-chat-database-password' },
    });
    expect(secret?.secrets.some((path) => path.startsWith('stringData'))).toBe(true);
    expect(get('kubernetes:core/v1:ConfigMap', 'where')?.inputs.data).toEqual({
      url: 'postgres://chat-database-instance.abc123.eu-central-1.rds.amazonaws.com:5432/polypod',
    });
    expect(
      get('kubernetes:storage.k8s.io/v1:StorageClass', 'chat-files-efs')?.inputs.parameters,
    ).toMatchObject({
      fileSystemId: 'chat-files-file-system-id',
    });
    const job = JSON.stringify(get('kubernetes:batch/v1:Job', 'chat-database-database-user')?.inputs);
    expect(job).toContain('chat-database-instance.abc123.eu-central-1.rds.amazonaws.com');
    expect(job).not.toContain('Calling [toString]');
  });

  it('are planned in a preview, with what AWS makes up unknown', async () => {
    const run = await runProgram(program, AWS_PREVIEW);
    const where = run
      .ofType('kubernetes:core/v1:ConfigMap')
      .find(({ inputs }) => (inputs.metadata as { name?: string }).name === 'where');
    expect(where?.inputs.data).toEqual({ url: UNKNOWN });
    expect(run.ofType('kubernetes:batch/v1:Job')).toHaveLength(1);
  });
});
