import { readdirSync, readFileSync } from 'node:fs';
import * as pulumi from '@pulumi/pulumi';
import { load } from 'js-yaml';
import deploy from '../../apps/deploy';
import { AWS } from '../constructs/aws/aws-mocks';
import { AZURE } from '../constructs/azure/azure-mocks';
import { GCP } from '../constructs/gcp/gcp-mocks';
import { type MockedCloud, opened, runProgram } from '../support/pulumi-mocks';

// Whole clouds are registered, on machines that have other things to do.
jest.setTimeout(120_000);

// The mocked engine's is no folder.
beforeEach(() => jest.spyOn(pulumi, 'getRootDirectory').mockReturnValue(process.cwd()));

const CLOUDS: Readonly<Record<string, MockedCloud>> = { aws: AWS, gcp: GCP, azure: AZURE, local: {} };
const FOLDER = 'examples/deployments';
// Of the sample stacks' own topology, chat.yaml, other tests count every resource.
const SYSTEMS = readdirSync(FOLDER)
  .filter((file) => file !== 'chat.yaml')
  .map((file) => `${FOLDER}/${file}`);

interface Topology {
  readonly kind: string;
  readonly name: string;
  readonly backing?: { readonly image?: string };
}

/** The sample stack of a foundation with another topology, as Pulumi's language host starts it. */
function program(foundation: string, file: string): ReturnType<typeof deploy> {
  const { config } = load(readFileSync(`Pulumi.${foundation}.yaml`, 'utf8')) as {
    config: Record<string, Record<string, unknown>>;
  };
  const key = `polypod:${foundation}`;
  const { backing } = load(readFileSync(file, 'utf8')) as Topology;
  const { image: runtime, ...section } = config[key] ?? {};
  const local = {
    storage: { className: 'nfs-client' },
    image: { existing: 'ghcr.io/acme/polypod-runtime:1' },
  };
  const changed = {
    ...config,
    'polypod:topology': file,
    [key]: {
      ...(foundation === 'local' ? local : {}),
      ...section,
      ...(runtime !== undefined && { image: runtime }),
      // Of a system whose image is not the runtime's.
      ...(backing?.image !== undefined && { image: undefined }),
    },
  };
  const texts = Object.entries(changed).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts));
  return deploy();
}

// What is unknown in preview is the same for every system: one cloud shows it.
const runs = SYSTEMS.flatMap((file) => [
  ...Object.keys(CLOUDS).map((foundation) => [file, foundation, 'up'] as const),
  [file, 'aws', 'preview'] as const,
]);

test.each(runs)('%s on %s, in %s', async (file, foundation, mode) => {
  const run = await runProgram(() => program(foundation, file), { ...CLOUDS[foundation], mode });
  const { name } = load(readFileSync(file, 'utf8')) as Topology;
  expect(run.names().filter((one, index, all) => all.indexOf(one) !== index)).toEqual([]);
  // Its pods come after the Secrets that open what they stand on.
  const secrets = run.ofType('kubernetes:core/v1:Secret').map(({ urn }) => urn);
  const workloads = ['Deployment', 'StatefulSet'].flatMap((kind) =>
    run.ofType(`kubernetes:apps/v1:${kind}`).filter(({ inputs }) => {
      const { labels } = inputs.metadata as { readonly labels: Record<string, string> };
      return labels['app.kubernetes.io/instance'] === name;
    }),
  );
  expect(workloads.length).toBeGreaterThan(0);
  for (const { dependencies } of workloads) {
    expect(dependencies).toEqual(expect.arrayContaining(secrets));
  }
  expect(run.ofType('kubernetes:networking.k8s.io/v1:NetworkPolicy').length).toBeGreaterThan(0);
  expect(await opened(run.result.endpoint)).toMatchObject({ value: expect.stringMatching(/^https?:\/\//) });
  expect(await opened(run.result.connections)).toMatchObject({ secret: true });
});

describe('what a foundation makes is what the system asks for', () => {
  const anything = `${FOLDER}/anything-llm.yaml`;
  const types = async (foundation: string, file: string) =>
    Object.keys((await runProgram(() => program(foundation, file), CLOUDS[foundation])).counts());

  test.each([
    ['aws', 'aws:elasticache/replicationGroup:ReplicationGroup'],
    ['azure', 'azure-native:redisenterprise:RedisEnterprise'],
  ])('%s makes no cache for a system that uses none', async (foundation, cache) => {
    expect(await types(foundation, anything)).not.toContain(cache);
    expect(await types(foundation, `${FOLDER}/memos.yaml`)).toContain(cache);
  });

  test('on AWS, SQLite gets a class of disks that Auto Mode has no name for', async () => {
    const run = await runProgram(() => program('aws', anything), AWS);
    const disks = run.ofType('kubernetes:storage.k8s.io/v1:StorageClass').map(({ inputs }) => inputs);
    expect(disks).toContainEqual(
      expect.objectContaining({
        provisioner: 'ebs.csi.eks.amazonaws.com',
        parameters: { type: 'gp3', encrypted: 'true' },
      }),
    );
  });

  test('the administrator creates pgvector, and Azure is told to let it', async () => {
    const run = await runProgram(() => program('azure', anything), AZURE);
    expect(
      run.ofType('azure-native:dbforpostgresql:Configuration').map(({ inputs }) => inputs),
    ).toContainEqual(expect.objectContaining({ configurationName: 'azure.extensions', value: 'VECTOR' }));
    const job = run.get('kubernetes:batch/v1:Job');
    expect(JSON.stringify(job.inputs.spec)).toMatch(/CREATE EXTENSION IF NOT EXISTS \W+vector/);
  });
});
