import { CACHE_CONNECTIONS, cacheSku } from '../../../constructs/azure/cache-skus';
import {
  applicationConnections,
  DATABASE_MACHINES,
  diskSize,
} from '../../../constructs/azure/database-machines';
import { smallestMachine } from '../../../constructs/cloud/sizes';
import { azureFiles } from '../../../constructs/kubernetes/storage/azure-files';
import { type CloudInput, type CloudPlan, gibOf } from './cloud';

/** The smallest share. */
const LEAST_GIB = 100;

/** What `azureFoundation` makes; see docs/azure.md. */
export function planAzure({ sizing, claimBytes, section }: CloudInput): CloudPlan {
  const gibibytes = Math.max(gibOf(claimBytes), LEAST_GIB);
  const sku =
    section.text('Premium_ZRS', 'storage', 'sku') === 'PremiumV2_ZRS' ? 'PremiumV2_ZRS' : 'Premium_ZRS';
  const machine = smallestMachine(DATABASE_MACHINES, sizing.database);
  const disk = diskSize('postgresql', gibOf(sizing.database.storage));
  const isDouble = section.flag(true, 'database', 'zoneRedundant');
  const cache = cacheSku({ size: sizing.cache, mode: sizing.cache.mode });
  const hasNat = section.text('load-balancer', 'cluster', 'network', 'outbound') === 'nat-gateway';
  return {
    storage: azureFiles({ sku, gibibytes }),
    database: {
      granted: machine && applicationConnections('postgresql', machine.memory),
      availability: isDouble
        ? 'Flexible Server with a standby in another zone fails over in 60 to 120 s'
        : 'Flexible Server in one zone is away with its zone',
    },
    cache: {
      granted: CACHE_CONNECTIONS,
      memory: sizing.cache.memory,
      availability:
        'Managed Redis with a copy in another zone fails over in seconds; the last writes may be lost',
    },
    created: [
      {
        part: 'cluster',
        what: 'AKS, tier Standard, three system nodes',
        billedBy: 'hours; machine hours × 3',
        page: 'https://azure.microsoft.com/pricing/details/kubernetes-service/',
      },
      {
        part: 'nodes',
        what: `machines for what pods ask for${section.has('cluster', 'gpu') ? ', some with GPUs' : ''}`,
        billedBy: 'machine hours; disks',
        page: 'https://azure.microsoft.com/pricing/details/virtual-machines/linux/',
      },
      {
        part: 'network',
        what: `virtual network, private endpoints${hasNat ? ', NAT gateway' : ''}`,
        billedBy: `endpoints by the hour and GB${hasNat ? '; NAT by the hour and GB' : ''}; GB between zones`,
        page: 'https://azure.microsoft.com/pricing/details/private-link/',
      },
      {
        part: 'storage',
        what: `Azure Files over NFS, ${sku}, ${gibibytes} GiB`,
        billedBy:
          sku === 'Premium_ZRS'
            ? 'GiB provisioned, used or not'
            : 'GiB, IOPS and throughput provisioned, used or not',
        page: 'https://azure.microsoft.com/pricing/details/storage/files/',
      },
      {
        part: 'cache',
        what: `Managed Redis, ${cache?.name ?? 'more than a size has'} with a copy`,
        billedBy: 'hours of the size, the copy included',
        page: 'https://azure.microsoft.com/pricing/details/managed-redis/',
      },
      {
        part: 'database',
        what: `PostgreSQL Flexible Server, ${isDouble ? '2 × ' : ''}${machine?.name ?? 'more than a machine has'}, ${disk ?? '?'} GiB`,
        billedBy: `machine hours${isDouble ? ' × 2' : ''}; GiB of storage${isDouble ? ' × 2' : ''}; backups beyond its size`,
        page: 'https://azure.microsoft.com/pricing/details/postgresql/flexible-server/',
      },
      {
        part: 'image',
        what: 'Container Registry',
        billedBy: 'days of its tier; GB beyond what that includes',
        page: 'https://azure.microsoft.com/pricing/details/container-registry/',
      },
    ],
  };
}
