import { ApiObject, App, Chart } from 'cdk8s';
import { KubernetesChart } from '../../../constructs/bridge';
import type { ClusterObject } from '../../../constructs/cloud';
import { azureFoundation } from '../../../stacks/azure';
import { ACCESS_KEY, AZURE, AZURE_PREVIEW } from '../../constructs/azure/azure-mocks';
import { runProgram, UNKNOWN } from '../../support/pulumi-mocks';

const GIB = 1024 ** 3;

/** A program as a user writes it: the foundation, its objects and its storage class in a chart. */
async function program() {
  const foundation = await azureFoundation({
    name: 'chat',
    location: 'westeurope',
    sizing: {
      database: { cpu: 2, memory: 4 * GIB, storage: 100 * GIB, maxConnections: 60 },
      cache: { memory: GIB, mode: 'single', maxConnections: 30 },
    },
    cluster: { publicAccessCidrs: ['203.0.113.0/24'] },
    image: { existing: { repository: 'ghcr.io/acme/chat', tag: '1.4.2' } },
  });
  const chart = new Chart(new App(), 'chat', { namespace: 'llm' });
  for (const object of foundation.objects) add(chart, object);
  const { storage } = foundation.backing;
  if (typeof storage.storageClass === 'string') throw new Error('the foundation makes a class');
  const { name, provisioner, parameters } = storage.storageClass;
  add(chart, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    parameters,
  });
  new KubernetesChart('chat', { chart }, { provider: foundation.provider, dependsOn: [...foundation.ready] });
}

function add(chart: Chart, { kind, ...object }: ClusterObject): void {
  new ApiObject(chart, `${kind}-${object.metadata.name}`, { kind, ...object });
}

const nameOf = (inputs: Readonly<Record<string, unknown>>) =>
  (inputs.metadata as { name?: string } | undefined)?.name;

describe("the Azure foundation's objects, deployed by the bridge", () => {
  it('reach the cluster with their values in place, and secrets secret', async () => {
    const run = await runProgram(program, AZURE);
    const secret = run
      .ofType('kubernetes:core/v1:Secret')
      .find(({ inputs }) => nameOf(inputs) === 'chat-cache');
    expect(secret?.inputs).toMatchObject({
      metadata: { namespace: 'llm' },
      stringData: { username: 'default', password: ACCESS_KEY },
    });
    expect(secret?.secrets.some((path) => path.startsWith('stringData'))).toBe(true);
    const [storageClass] = run.ofType('kubernetes:storage.k8s.io/v1:StorageClass');
    expect(storageClass?.inputs.parameters).toMatchObject({
      storageAccount: 'chatfiles0a1b2c3d',
      resourceGroup: 'chat-resources1a2b3c4d',
      encryptInTransit: 'true',
    });
    expect(JSON.stringify(run.resources)).not.toMatch(/&Polypod|Calling \[toString\]/);
  });

  it('wait for what must be ready, and are unknown where Azure has yet to speak', async () => {
    const run = await runProgram(program, AZURE_PREVIEW);
    const [storageClass] = run.ofType('kubernetes:storage.k8s.io/v1:StorageClass');
    expect(storageClass?.inputs.parameters).toMatchObject({ storageAccount: UNKNOWN });
    const job = run.ofType('kubernetes:batch/v1:Job')[0];
    const server = run.get('azure-native:dbforpostgresql:Server');
    expect(job?.dependencies).toContain(server.urn);
  });
});
