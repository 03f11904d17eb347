import * as pulumi from '@pulumi/pulumi';
import { type Chart, Yaml } from 'cdk8s';
import { asNumber, asString } from '../../../constructs/bridge';
import { efs, InferenceStatefulSet, ModelStore } from '../../../constructs/kubernetes';
import { cache, database, modelNode } from '../kubernetes/fixtures';
import { chartOf, deploy, unknown } from './deploy';

/** What a cloud foundation tells the constructs. */
interface Cloud {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly fileSystemId: string;
  readonly digest: string;
}

const cloud: Cloud = {
  host: 'chat.abc123.eu-west-1.rds.amazonaws.com',
  port: 5433,
  connections: 900,
  fileSystemId: 'fs-0123456789abcdef0',
  digest: `sha256:${'a1'.repeat(32)}`,
};

function inference(chart: Chart, { host, port, connections, fileSystemId, digest }: Cloud): void {
  const modelStore = new ModelStore(chart, 'models', {
    name: 'chat',
    storage: efs({ fileSystemId }),
    size: '200Gi',
  });
  new InferenceStatefulSet(chart, 'inference', {
    ...modelNode,
    image: { repository: 'registry.example.com/runtime', digest },
    modelStore,
    database: { ...database, host, port, maxConnections: connections },
    cache: { ...cache, host },
  });
}

const sorted = (manifests: readonly unknown[]) => manifests.map((one) => Yaml.stringify(order(one))).sort();

function order(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(order);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, order(item)]));
}

test('the library’s constructs take what a cloud says by token, and give what they give for the values', async () => {
  const resources = await deploy((chart) =>
    inference(chart, {
      host: asString(pulumi.output(cloud.host)),
      port: asNumber(pulumi.output(cloud.port)),
      connections: asNumber(pulumi.output(cloud.connections)),
      fileSystemId: asString(pulumi.output(cloud.fileSystemId)),
      digest: asString(pulumi.output(cloud.digest)),
    }),
  );
  const plain = chartOf((chart) => inference(chart, cloud)).toJson();
  expect(sorted(resources.map(({ inputs }) => inputs))).toEqual(sorted(plain));
});

test('in a preview, only what the cloud has yet to say is unknown', async () => {
  const resources = await deploy(
    (chart) => inference(chart, { ...cloud, fileSystemId: asString(unknown<string>()) }),
    {},
    'preview',
  );
  const unknowns = resources.flatMap(({ name, unknowns }) => unknowns.map((path) => `${name} ${path}`));
  expect(unknowns).toEqual([expect.stringMatching(/^web\/StorageClass\/.* parameters\.fileSystemId$/)]);
});
