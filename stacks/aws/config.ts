import * as z from 'zod';
import { existingCredentials, existingOr, imageSource, removal, words } from '../deployment/fields';
import { foundationConfig } from '../deployment/foundation-config';
import { plannedImage } from '../deployment/planned-image';
import { cidr, count, map, someText } from '../topology/schema/fields';
import { image } from '../topology/schema/image';
import { awsFoundation } from './foundation';
import { foundationProblems } from './foundation-arguments';

const nodePool = {
  instanceTypes: z.array(someText()).min(1).describe('EC2 instance types of one CPU architecture.'),
  minNodes: count(0, 450).describe('Fewest nodes.'),
  maxNodes: count(1, 450).describe('Most nodes.'),
  diskGib: count(20, 16_384).optional().describe('GiB of each disk. Default: 100.'),
};

const network = existingOr(
  map({
    privateSubnetIds: z.array(someText()).min(2).describe('Private subnets for nodes, in two zones or more.'),
    dataSubnetIds: z.array(someText()).optional().describe('Private subnets for data. Default: the same.'),
  }),
  map({
    cidr: cidr().optional().describe('Addresses, /16 to /18. Default: 10.0.0.0/16.'),
    nat: z.enum(['per-zone', 'single']).optional().describe('NAT gateways. Default: per-zone.'),
    registryEndpoints: z.boolean().optional().describe('Private endpoints for ECR. Default: false.'),
    zones: z.array(someText()).min(2).max(4).optional().describe("Default: the region's first three."),
  }),
);

const cluster = existingOr(
  map({
    clusterName: someText().describe('Name of the EKS cluster.'),
    dataSubnetIds: z.array(someText()).optional().describe("Subnets for data. Default: the cluster's."),
    fileSystemDriver: z
      .enum(['addon', 'self-managed'])
      .optional()
      .describe('Where its EFS driver comes from. Default: addon.'),
  }),
  map({
    version: someText().optional().describe('Kubernetes version.'),
    compute: z
      .discriminatedUnion('mode', [
        map({ mode: z.literal('auto').describe('EKS Auto Mode.') }),
        map({
          mode: z.literal('managed').describe('Managed node groups.'),
          architecture: z.enum(['x86_64', 'arm64']).optional().describe('Default: x86_64.'),
          cpu: map(nodePool).describe('Nodes without GPUs.'),
        }),
      ])
      .optional()
      .describe('Where pods run. Default: Auto Mode.'),
    gpu: map({ ...nodePool, gpusPerNode: count(1, 16).optional().describe('Default: 1.') })
      .optional()
      .describe('GPU nodes. Default: none.'),
    publicAccessCidrs: z
      .array(cidr())
      .describe('Networks that may reach the API server over the internet; [] for none.'),
    administratorArns: z.array(someText()).optional().describe('IAM principals with all rights.'),
    logRetentionDays: count(1, 3653).optional().describe('Days that logs are kept. Default: 90.'),
    network: network.optional().describe('The VPC: to create, or existing. Default: one over three zones.'),
  }),
);

const storage = existingOr(
  map({ fileSystemId: someText().describe('Id of the EFS file system.') }),
  map({
    throughput: z
      .union([z.literal('elastic'), map({ provisioned: count(1, 10_240).describe('MiB/s.') })])
      .optional()
      .describe('Default: elastic.'),
    infrequentAccessAfterDays: z
      .literal([1, 7, 14, 30, 60, 90, 180, 270, 365])
      .optional()
      .describe('Days without access after which files move to cheaper storage. Default: never.'),
    automaticBackups: z.boolean().optional().describe('Daily backups by the default plan. Default: true.'),
  }),
);

const cache = z.union([
  z.literal('none'),
  existingOr(
    map({
      replicationGroupId: someText().describe('Id of the ElastiCache replication group.'),
      credentials: existingCredentials.describe('Its user.'),
    }),
    map({
      shards: count(2, 90).optional().describe('Shards in cluster mode. Default: 2.'),
      replicas: count(1, 5).optional().describe('Replicas of each primary. Default: 1.'),
      snapshotDays: count(1, 35).optional().describe('Days that snapshots are kept. Default: 7.'),
    }),
  ),
]);

const database = existingOr(
  map({
    instanceIdentifier: someText().describe('Identifier of the RDS instance.'),
    databaseName: someText().optional().describe('Default: the one that it was made with.'),
    credentials: existingCredentials.describe("The application's user."),
    maxConnections: count(1, 100_000)
      .optional()
      .describe("Connections that it grants. Default: its class's."),
  }),
  map({
    maxStorageGib: count(20, 65_536)
      .optional()
      .describe('GiB that storage may grow to. Default: four times.'),
    databaseName: someText().optional().describe('Default: polypod. Changing it replaces the instance.'),
    multiAz: z.boolean().optional().describe('A standby in another zone. Default: true.'),
    backupDays: count(7, 35).optional().describe('Days that it can be restored to. Default: 7.'),
    clientImage: someText().optional().describe('Image with psql, for the Job that makes the user.'),
  }),
);

/** `polypod:aws`. */
const schema = map({
  cluster: cluster.describe('The EKS cluster: to create, or existing.'),
  storage: storage.optional().describe('The EFS file system. Default: an elastic one.'),
  cache: cache.optional().describe("Valkey: to create, existing, or none. Default: of the topology's size."),
  database: database
    .optional()
    .describe("PostgreSQL: to create, or existing. Default: of the topology's size."),
  image: existingOr(
    image(),
    map({ ...imageSource, keep: count(1, 1000).optional().describe('Images that are kept. Default: 30.') }),
  )
    .optional()
    .describe("The runtime's image: to build, or existing. Default: the topology's."),
  backup: map({
    schedule: someText().optional().describe('AWS cron expression in UTC. Default: daily at 03:00.'),
    retentionDays: count(1, 36_500).optional().describe('Days that a backup is kept. Default: 35.'),
    coldStorageAfterDays: count(1, 36_500).optional().describe('Default: backups stay warm.'),
    locked: z.boolean().optional().describe('Whether nobody can delete backups early. Default: false.'),
  })
    .optional()
    .describe("A vault of its own for the file system's backups. Default: the default plan."),
  encryptionKey: z
    .union([z.enum(['aws', 'create']), map({ arn: someText().describe('ARN of a KMS key.') })])
    .optional()
    .describe("What encrypts data. Default: aws, AWS's own keys."),
  removal,
  tags: words().optional().describe('Tags of every resource.'),
});

/** What the program makes of the config's section `polypod:aws`. */
export const config = foundationConfig({
  schema,
  providerProblems: (get) =>
    get('aws:region') || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION
      ? []
      : [
          {
            path: 'aws:region',
            value: undefined,
            reason: 'is missing',
            mend: 'pulumi config set aws:region eu-central-1',
          },
        ],
  plan: (section, context) => {
    const { name, settings, sizing, usesCache } = context;
    const cache = section.cache ?? (usesCache ? undefined : 'none');
    const args = { ...section, cache, name, sizing, image: plannedImage(section.image, context) };
    return {
      problems: foundationProblems(args),
      settings,
      brings: {
        image: section.image !== undefined,
        storage: true,
        cache: cache !== 'none',
        database: true,
      },
      lay: (options) => awsFoundation(args, options),
    };
  },
});
