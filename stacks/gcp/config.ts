import * as z from 'zod';
import { GIB } from '../../constructs/cloud';
import type { Problem } from '../../constructs/contracts';
import { existingCredentials, existingOr, imageSource, removal, words } from '../deployment/fields';
import { foundationConfig } from '../deployment/foundation-config';
import { plannedImage } from '../deployment/planned-image';
import { cidr, count, map, someText } from '../topology/schema/fields';
import { image } from '../topology/schema/image';
import { gcpFoundation } from './foundation';
import { foundationProblems, type GcpFoundationArgs } from './foundation-arguments';

const nodePool = {
  machineType: someText().describe('Such as e2-standard-4 or g2-standard-8.'),
  minNodes: count(0, 1000).describe('Fewest nodes, over all zones.'),
  maxNodes: count(1, 1000).describe('Most nodes, over all zones.'),
  diskGib: count(20, 65_536).optional().describe('GiB of each disk. Default: 100.'),
  zones: z.array(someText()).min(1).optional().describe("Default: the region's, as GKE chooses."),
};

const peeringRange = someText().describe('Name of the range that is allocated to private service access.');

const network = existingOr(
  map({
    subnetwork: someText().describe('Name of a subnetwork of the region.'),
    podsRangeName: someText().optional().describe('Its range for pods. Default: pods.'),
    servicesRangeName: someText().optional().describe('Its range for services. Default: services.'),
    peeringRange,
  }),
  map({
    cidr: cidr().optional().describe('Addresses, /12 to /17. Default: 10.0.0.0/16.'),
    natLog: z.enum(['errors', 'all', 'none']).optional().describe('What NAT logs. Default: errors.'),
  }),
);

const cluster = existingOr(
  map({ clusterName: someText().describe('Name of the GKE cluster.'), peeringRange }),
  map({
    compute: z
      .discriminatedUnion('mode', [
        map({ mode: z.literal('autopilot').describe('GKE Autopilot.') }),
        map({
          mode: z.literal('standard').describe('Node pools.'),
          cpu: map(nodePool).describe('Nodes without GPUs.'),
          gpu: map({
            ...nodePool,
            accelerator: map({
              type: someText().describe('Such as nvidia-l4.'),
              count: z.literal([1, 2, 4, 8, 16]).describe('GPUs of each node.'),
            }).describe('What each node has; it must fit the machine type.'),
          })
            .optional()
            .describe('GPU nodes. Default: none.'),
        }),
      ])
      .optional()
      .describe('Where pods run. Default: Autopilot.'),
    releaseChannel: z
      .enum(['RAPID', 'REGULAR', 'STABLE', 'EXTENDED'])
      .optional()
      .describe('How soon GKE upgrades. Default: REGULAR.'),
    publicAccessCidrs: z
      .array(cidr())
      .describe('Networks that may reach the API server over the internet; [] for none.'),
    network: network.optional().describe('The VPC: to create, or existing. Default: one of its own.'),
  }),
);

const storage = existingOr(
  map({
    instanceName: someText().describe('Name of the Filestore instance.'),
    location: someText().describe('Its region.'),
  }),
  map({
    tier: z
      .union([z.literal('regional'), map({ zonal: someText().describe('The zone.') })])
      .optional()
      .describe('Default: regional.'),
    capacityGib: count(100, 102_400)
      .optional()
      .describe("GiB. Default: the topology's storage, 1024 at least."),
  }),
);

const cache = z.union([
  z.literal('none'),
  existingOr(
    map({
      instanceName: someText().describe('Name of the Redis instance.'),
      credentials: existingCredentials
        .optional()
        .describe("User default and its password. Default: the instance's."),
    }),
    map({
      snapshotHours: z.literal([1, 6, 12, 24]).optional().describe('Hours between snapshots. Default: 1.'),
    }),
  ),
]);

const database = existingOr(
  map({
    instanceName: someText().describe('Name of the Cloud SQL instance.'),
    databaseName: someText().describe('Name of the database.'),
    credentials: existingCredentials.describe("The application's user."),
    maxConnections: count(1, 100_000)
      .optional()
      .describe("Connections that it grants. Default: its flag's, or its machine's."),
  }),
  map({
    maxStorageGib: count(10, 65_536)
      .optional()
      .describe('GiB that storage may grow to. Default: four times.'),
    databaseName: someText().optional().describe('Default: polypod. Changing it makes an empty one.'),
    highAvailability: z.boolean().optional().describe('A standby in another zone. Default: true.'),
    backups: count(7, 365).optional().describe('Daily backups that are kept. Default: 7.'),
    clientImage: someText().optional().describe('Image with psql, for the Job that makes the user.'),
  }),
);

const backup = z.union([
  z.literal('none'),
  map({
    schedule: someText().optional().describe('Cron expression in UTC. Default: daily at 03:00.'),
    retentionDays: count(1, 3650).optional().describe('Days that a backup is kept. Default: 35.'),
  }),
]);

/** `polypod:gcp`. */
const schema = map({
  cluster: cluster.describe('The GKE cluster: to create, or existing.'),
  storage: storage.optional().describe('The Filestore instance. Default: a regional one.'),
  cache: cache.optional().describe("Redis: to create, existing, or none. Default: of the topology's size."),
  database: database
    .optional()
    .describe("PostgreSQL: to create, or existing. Default: of the topology's size."),
  image: existingOr(
    image(),
    map({ ...imageSource, keep: count(2, 1000).optional().describe('Images that are kept. Default: 30.') }),
  )
    .optional()
    .describe("The runtime's image: to build, or existing. Default: the topology's."),
  backup: backup.optional().describe("The file system's backups. Default: daily, kept 35 days."),
  encryptionKey: z
    .union([z.enum(['google', 'create']), map({ name: someText().describe('Full name of a key.') })])
    .optional()
    .describe("What encrypts data. Default: google, Google's own keys."),
  removal,
  labels: words().optional().describe('Labels of every resource.'),
});

/** Where the provider looks besides. https://www.pulumi.com/registry/packages/gcp/installation-configuration/ */
const PROJECT_VARIABLES = [
  'GOOGLE_PROJECT',
  'GOOGLE_CLOUD_PROJECT',
  'GCLOUD_PROJECT',
  'CLOUDSDK_CORE_PROJECT',
];
const REGION_VARIABLES = ['GOOGLE_REGION', 'GCLOUD_REGION', 'CLOUDSDK_COMPUTE_REGION'];

/** What the program makes of the config's section `polypod:gcp`. */
export const config = foundationConfig({
  schema,
  providerProblems: (get) => [
    ...missing('gcp:project', 'acme-chat', get('gcp:project') || firstOf(PROJECT_VARIABLES)),
    ...missing('gcp:region', 'europe-west3', get('gcp:region') || firstOf(REGION_VARIABLES)),
  ],
  plan: (section, context) => {
    const { name, settings, sizing, usesCache } = context;
    const cache = section.cache ?? (usesCache ? undefined : 'none');
    const claimGib = Math.ceil(settings.sharedFiles.size.bytes / GIB);
    const args = {
      ...section,
      cache,
      name,
      sizing,
      storage: roomy(section.storage ?? {}, claimGib),
      image: plannedImage(section.image, context),
    };
    return {
      problems: [...claimProblems(args.storage, claimGib), ...foundationProblems(args)],
      settings,
      brings: {
        image: section.image !== undefined,
        storage: true,
        cache: cache !== 'none',
        database: true,
      },
      lay: (options) => gcpFoundation(args, options),
    };
  },
});

type Storage = NonNullable<GcpFoundationArgs['storage']>;

/** Filestore's smallest zonal instance, and one that reads 260 MiB/s. */
const LEAST_GIB = 1024;
/** In these steps an instance of any tier may be made. */
const STEP_GIB = 2560;

/** An instance that holds the topology's claim, where the section does not say how large it is to be. */
function roomy(storage: Storage, claimGib: number): Storage {
  if ('existing' in storage || storage.capacityGib !== undefined || claimGib <= LEAST_GIB) return storage;
  return { ...storage, capacityGib: Math.ceil(claimGib / STEP_GIB) * STEP_GIB };
}

/** A claim that is larger than its volume would wait for ever. */
function claimProblems(storage: Storage, claimGib: number): Problem[] {
  if ('existing' in storage || storage.capacityGib === undefined || storage.capacityGib >= claimGib)
    return [];
  return [
    {
      path: 'storage.capacityGib',
      value: storage.capacityGib,
      reason: `is less than the topology's storage asks for (${claimGib} GiB)`,
      mend: `write ${claimGib} or more, or leave it out`,
    },
  ];
}

function firstOf(variables: readonly string[]): string | undefined {
  return variables.map((variable) => process.env[variable]).find(Boolean);
}

function missing(path: string, example: string, value: string | undefined): Problem[] {
  if (value) return [];
  return [{ path, value: undefined, reason: 'is missing', mend: `pulumi config set ${path} ${example}` }];
}
