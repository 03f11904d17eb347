import * as z from 'zod';
import { GIB } from '../../constructs/cloud';
import type { Problem } from '../../constructs/contracts';
import { existingCredentials, existingOr, imageSource, removal, words } from '../deployment/fields';
import { foundationConfig } from '../deployment/foundation-config';
import { plannedImage } from '../deployment/planned-image';
import { cidr, count, map, someText } from '../topology/schema/fields';
import { image } from '../topology/schema/image';
import { azureFoundation } from './foundation';
import { foundationProblems } from './foundation-arguments';

const resourceGroupName = someText().describe('Resource group that it is in.');

const privateDnsZoneId = someText()
  .optional()
  .describe('Id of its private DNS zone, where the network has one. Default: made here.');

const nodePool = (fewest: number) =>
  map({
    vmSize: someText().describe('Size of x86-64 machines, such as Standard_D8ds_v5.'),
    minNodes: count(fewest, 1000).describe('Fewest nodes.'),
    maxNodes: count(1, 1000).describe('Most nodes.'),
    diskGib: count(30, 2048).optional().describe('GiB of each disk. Default: 128.'),
  });

const endpointSubnetId = someText().describe("Id of a subnet for private endpoints, in the nodes' network.");

const login = z
  .enum(['azurecli', 'workloadidentity', 'spn', 'msi'])
  .optional()
  .describe('How kubelogin signs in. Default: azurecli.');

const network = existingOr(
  map({ nodeSubnetId: someText().describe('Id of the subnet for nodes.'), endpointSubnetId }),
  map({
    cidr: cidr().optional().describe('Addresses, a /16. Default: 10.0.0.0/16.'),
    outbound: z
      .enum(['load-balancer', 'nat-gateway'])
      .optional()
      .describe('The way to the internet. Default: load-balancer.'),
  }),
);

const cluster = existingOr(
  map({
    resourceGroupName,
    clusterName: someText().describe('Name of the AKS cluster.'),
    endpointSubnetId,
    login,
  }),
  map({
    version: someText().optional().describe('Kubernetes version. Default: 1.35.'),
    zones: z
      .array(z.enum(['1', '2', '3']))
      .min(2)
      .max(3)
      .optional()
      .describe('Zones of the nodes. Default: all three.'),
    systemVmSize: someText().optional().describe("Of the cluster's own nodes. Default: Standard_D2ds_v5."),
    cpu: nodePool(1).optional().describe('Nodes without GPUs. Default: 3 to 9 of Standard_D4ds_v5.'),
    gpu: nodePool(0).optional().describe('GPU nodes. Default: none.'),
    publicAccessCidrs: z
      .array(cidr())
      .describe('Networks that may reach the API server over the internet; [] for none.'),
    administratorGroupIds: z.array(someText()).optional().describe('Entra groups with all rights.'),
    login,
    network: network.optional().describe('The network: to create, or existing. Default: one of its own.'),
  }),
);

const storage = existingOr(
  map({ resourceGroupName, accountName: someText().describe('Name of the storage account.') }),
  map({
    sku: z.enum(['Premium_ZRS', 'PremiumV2_ZRS']).optional().describe('Default: Premium_ZRS.'),
    deletedShareDays: count(1, 365)
      .optional()
      .describe('Days that a deleted share can be brought back. Default: 14.'),
    privateDnsZoneId,
  }),
);

const cache = z.union([
  z.literal('none'),
  existingOr(
    map({
      resourceGroupName,
      clusterName: someText().describe('Name of the Azure Managed Redis.'),
      credentials: existingCredentials.describe('Its user; with access keys, default and a key.'),
    }),
    map({
      persistence: z
        .enum(['rdb', 'aof', 'none'])
        .optional()
        .describe('What is on disk, should both copies be lost. Default: rdb.'),
      privateDnsZoneId,
    }),
  ),
]);

const database = existingOr(
  map({
    resourceGroupName,
    serverName: someText().describe('Name of the flexible server.'),
    databaseName: someText().describe('Name of the database.'),
    credentials: existingCredentials.describe("The application's user."),
    maxConnections: count(1, 100_000)
      .optional()
      .describe("Connections that it grants. Default: its machine's."),
  }),
  map({
    databaseName: someText().optional().describe('Default: polypod. Changing it makes an empty one.'),
    zoneRedundant: z.boolean().optional().describe('A standby in another zone. Default: true.'),
    backupDays: count(7, 35).optional().describe('Days that it can be restored to. Default: 7.'),
    geoRedundantBackup: z
      .boolean()
      .optional()
      .describe("Backups in the paired region too. Default: false. It can't be changed later."),
    clientImage: someText().optional().describe('Image with psql, for the Job that makes the user.'),
    privateDnsZoneId,
  }),
);

const key = map({
  vaultUri: someText().describe('URI of the vault.'),
  vaultId: someText().describe('Id of the vault.'),
  keyName: someText().describe('Name of the key.'),
  keyUri: someText().describe('URI of a version of the key.'),
  identityId: someText().describe('Id of an identity that may wrap and unwrap with it.'),
  identityClientId: someText().describe('Client id of that identity.'),
});

/** `polypod:azure`. */
const schema = map({
  location: someText().describe('Region with availability zones, such as westeurope.'),
  resourceGroup: map({ existing: map({ resourceGroupName: someText().describe('Its name.') }) })
    .optional()
    .describe('An existing resource group. Default: one of its own.'),
  cluster: cluster.describe('The AKS cluster: to create, or existing.'),
  storage: storage.optional().describe('The account for file shares. Default: one on zone-redundant SSDs.'),
  cache: cache.optional().describe("Redis: to create, existing, or none. Default: of the topology's size."),
  database: database
    .optional()
    .describe("PostgreSQL: to create, or existing. Default: of the topology's size."),
  image: existingOr(image(), map(imageSource))
    .optional()
    .describe("The runtime's image: to build, or existing. Default: the topology's."),
  encryptionKey: z
    .union([z.enum(['azure', 'create']), key])
    .optional()
    .describe("What encrypts data. Default: azure, Azure's own keys."),
  removal,
  tags: words().optional().describe('Tags of every resource.'),
});

/** A share has these at least and at most. */
const LEAST_GIB = 100;
const MOST_GIB = 102_400;

/** What the program makes of the config's section `polypod:azure`. */
export const config = foundationConfig({
  schema,
  // The subscription may also be the one that `az` has chosen, which nothing here can see.
  providerProblems: () => [],
  plan: (section, context) => {
    const { name, settings, sizing, usesCache } = context;
    const cache = section.cache ?? (usesCache ? undefined : 'none');
    const claimGib = Math.ceil(settings.sharedFiles.size.bytes / GIB);
    // The driver makes the share as large as the claim, and a share is as fast as it is large.
    const gibibytes = Math.min(Math.max(claimGib, LEAST_GIB), MOST_GIB);
    const { storage = {} } = section;
    const args = {
      ...section,
      cache,
      name,
      sizing,
      storage:
        'existing' in storage ? { existing: { ...storage.existing, gibibytes } } : { ...storage, gibibytes },
      image: plannedImage(section.image, context),
    };
    return {
      problems: [...claimProblems(claimGib), ...foundationProblems(args)],
      settings,
      brings: {
        image: section.image !== undefined,
        storage: true,
        cache: cache !== 'none',
        database: true,
      },
      lay: (options) => azureFoundation(args, options),
    };
  },
});

/** A claim that is larger than a share can be would wait for ever. */
function claimProblems(claimGib: number): Problem[] {
  if (claimGib <= MOST_GIB) return [];
  const reason = `has shares of ${MOST_GIB} GiB at most, and the topology's storage asks for ${claimGib} GiB`;
  return [{ path: 'storage', value: undefined, reason, mend: 'ask for less in the topology' }];
}
