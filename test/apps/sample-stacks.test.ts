import { readFileSync } from 'node:fs';
import * as pulumi from '@pulumi/pulumi';
import { load } from 'js-yaml';
import deploy from '../../apps/deploy';
import { POLICIES, violations } from '../../constructs/policies/policies';
import { AZURE, AZURE_PREVIEW } from '../constructs/azure/azure-mocks';
import { GCP, GCP_PREVIEW } from '../constructs/gcp/gcp-mocks';
import { opened, runProgram } from '../support/pulumi-mocks';

jest.setTimeout(120_000);

// The mocked engine's is no folder.
beforeEach(() => jest.spyOn(pulumi, 'getRootDirectory').mockReturnValue(process.cwd()));

/** The program with the config of a sample stack, as Pulumi's language host starts it. */
function program(stack: string): ReturnType<typeof deploy> {
  const { config } = load(readFileSync(`Pulumi.${stack}.yaml`, 'utf8')) as {
    config: Record<string, unknown>;
  };
  const texts = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts));
  return deploy();
}

const STACK = {
  'kubernetes:apps/v1:StatefulSet': 1,
  'kubernetes:autoscaling/v2:HorizontalPodAutoscaler': 1,
  'kubernetes:core/v1:PersistentVolumeClaim': 1,
  'kubernetes:core/v1:ServiceAccount': 1,
  'kubernetes:policy/v1:PodDisruptionBudget': 1,
  'docker-build:index:Image': 1,
};

it.each([
  ['gcp', 'up', GCP, { 'gcp:container/cluster:Cluster': 1, 'gcp:filestore/instance:Instance': 1 }],
  ['gcp', 'preview', GCP_PREVIEW, { 'gcp:sql/databaseInstance:DatabaseInstance': 1 }],
  ['azure', 'up', AZURE, { 'azure-native:containerservice:ManagedCluster': 1 }],
  ['azure', 'preview', AZURE_PREVIEW, { 'azure-native:dbforpostgresql:Server': 1 }],
])('the sample stack of %s goes from network to image to pods, in %s', async (stack, _mode, cloud, made) => {
  const run = await runProgram(() => program(stack), cloud);
  expect(run.counts()).toMatchObject({ ...STACK, ...made });
  const names = run.names();
  expect(new Set(names).size).toBe(names.length);
  const secrets = run.ofType('kubernetes:core/v1:Secret').map(({ urn }) => urn);
  expect(secrets.length).toBeGreaterThan(1);
  const { dependencies } = run.get('kubernetes:apps/v1:StatefulSet');
  expect(dependencies).toEqual(expect.arrayContaining(secrets));
  const broken = run.resources.flatMap(({ type, name, inputs }) =>
    POLICIES.flatMap((policy) => violations(policy, { type, properties: inputs })).map(
      (said) => `${name} ${said}`,
    ),
  );
  expect(broken).toEqual([]);
  expect(await opened(run.result.kubeconfig)).toMatchObject({ secret: true });
  expect(await opened(run.result.connections)).toMatchObject({ secret: true });
});

it('the volume of Google Cloud belongs to no namespace, and the claim binds to it', async () => {
  const run = await runProgram(() => program('gcp'), GCP);
  const volume = run.get('kubernetes:core/v1:PersistentVolume');
  expect(volume.inputs.metadata).not.toHaveProperty('namespace');
  const { storageClassName } = run.get('kubernetes:core/v1:PersistentVolumeClaim').inputs.spec as Record<
    string,
    unknown
  >;
  expect(volume.inputs.spec).toMatchObject({ storageClassName });
});

it.each(['aws', 'gcp', 'azure', 'local'])(
  'the sample stack of %s shows every key that its section has',
  (stack) => {
    const sample = readFileSync(`Pulumi.${stack}.yaml`, 'utf8');
    const source = readFileSync(`stacks/${stack}/config.ts`, 'utf8');
    const fields = readFileSync('stacks/deployment/fields.ts', 'utf8');
    const schema = source.slice(0, source.indexOf('export const config'));
    const keys = [
      ...schema.matchAll(/^ {2,}(\w+):/gm),
      ...fields.matchAll(/^ {2}(context|dockerfile|tag|platforms):/gm),
    ]
      .map(([, key = '']) => key)
      .filter((key) => stack !== 'local' || !['dockerfile', 'tag', 'platforms'].includes(key));
    expect(keys.length).toBeGreaterThan(3);
    expect(keys.filter((key) => !new RegExp(`\\b${key}:`).test(sample))).toEqual([]);
  },
);
