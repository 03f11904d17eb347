import { CACHE_CONNECTIONS, cacheGib } from '../../../constructs/gcp/cache-sizes';
import { applicationConnections, databaseTier } from '../../../constructs/gcp/database-tiers';
import { filestore } from '../../../constructs/kubernetes/storage/filestore';
import { type CloudInput, type CloudPlan, gibOf } from './cloud';

/** What the foundation makes where a claim is no larger, and the steps in which instances of any tier grow. */
const SHARE_GIB = { least: 1024, step: 2560 };

/** What `gcpFoundation` makes; see docs/gcp.md. */
export function planGcp({ sizing, claimBytes, section }: CloudInput): CloudPlan {
  const claim = gibOf(claimBytes);
  const fitting =
    claim <= SHARE_GIB.least ? SHARE_GIB.least : Math.ceil(claim / SHARE_GIB.step) * SHARE_GIB.step;
  const share = section.number(fitting, 'storage', 'capacityGib');
  const tier = section.has('storage', 'tier', 'zonal') ? 'zonal' : 'regional';
  const machine = databaseTier(sizing.database);
  const isDouble = section.flag(true, 'database', 'highAvailability');
  const isStandard = section.text('autopilot', 'cluster', 'compute', 'mode') === 'standard';
  const cache = cacheGib(sizing.cache);
  return {
    // The instance is there before the claim: what the smallest is does not matter any more.
    storage: { ...filestore({ tier, tebibytes: share / 1024 }), minimumSize: undefined },
    database: {
      granted: machine && applicationConnections(machine.memory),
      availability: isDouble
        ? 'Cloud SQL with a standby in another zone fails over in about a minute'
        : 'Cloud SQL in one zone is away with its zone',
    },
    cache: {
      granted: CACHE_CONNECTIONS,
      memory: sizing.cache.memory,
      availability: 'Memorystore in two zones fails over in about a minute; the last writes may be lost',
    },
    created: [
      {
        part: 'cluster',
        what: `GKE over the region, ${isStandard ? 'Standard' : 'Autopilot'}`,
        billedBy: 'hours',
        page: 'https://cloud.google.com/kubernetes-engine/pricing',
      },
      {
        part: 'nodes',
        what: isStandard ? 'node pools for what pods ask for' : 'what pods ask for',
        billedBy: isStandard
          ? 'machine hours; GB of disks'
          : 'CPU, memory and GPU that pods request, by the hour',
        page: 'https://cloud.google.com/kubernetes-engine/pricing',
      },
      {
        part: 'network',
        what: 'VPC, Cloud NAT',
        billedBy: 'NAT by node and hour; each GB that passes; GB between zones',
        page: 'https://cloud.google.com/vpc/network-pricing',
      },
      {
        part: 'storage',
        what: `Filestore ${tier}, ${share} GiB`,
        billedBy: 'GiB that it has, used or not; GB of backups',
        page: 'https://cloud.google.com/filestore/pricing',
      },
      {
        part: 'cache',
        what: `Memorystore for Redis, ${cache} GiB in two zones`,
        billedBy: 'GiB and hours, of the tier with a replica',
        page: 'https://cloud.google.com/memorystore/docs/redis/pricing',
      },
      {
        part: 'database',
        what: `Cloud SQL for PostgreSQL, ${isDouble ? '2 × ' : ''}${machine?.name ?? 'more than a machine has'}, ${gibOf(sizing.database.storage)} GiB`,
        billedBy: `CPU and GiB of memory by the hour${isDouble ? ' × 2' : ''}; GB of storage${isDouble ? ' × 2' : ''}; backups`,
        page: 'https://cloud.google.com/sql/pricing',
      },
      {
        part: 'image',
        what: 'Artifact Registry, one repository and one for the build cache',
        billedBy: 'GB stored',
        page: 'https://cloud.google.com/artifact-registry/pricing',
      },
    ],
  };
}
