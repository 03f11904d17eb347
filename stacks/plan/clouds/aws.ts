import { cacheNode, DEFAULT_SHARDS } from '../../../constructs/aws/cache-nodes';
import { applicationConnections, DATABASE_CLASSES } from '../../../constructs/aws/database-classes';
import { smallestMachine } from '../../../constructs/cloud/sizes';
import { efs } from '../../../constructs/kubernetes/storage/efs';
import { type CloudInput, type CloudPlan, gibOf } from './cloud';

const MIB = 2 ** 20;
/** One client's most, without the newest client. */
const PER_CLIENT = 500;

/** What `awsFoundation` makes; see docs/aws.md. */
export function planAws({ sizing, section }: CloudInput): CloudPlan {
  const provisioned = section.number(0, 'storage', 'throughput', 'provisioned');
  const nat = section.text('per-zone', 'cluster', 'network', 'nat') === 'single' ? 1 : 3;
  const machine = smallestMachine(DATABASE_CLASSES, sizing.database);
  const isDouble = section.flag(true, 'database', 'multiAz');
  const { mode } = sizing.cache;
  const shards = mode === 'cluster' ? section.number(DEFAULT_SHARDS, 'cache', 'shards') : 1;
  const node = cacheNode({ size: sizing.cache, mode, shards });
  const nodes = shards * (1 + section.number(1, 'cache', 'replicas'));
  return {
    storage: efs({
      fileSystemId: 'fs-00000000',
      ...(provisioned > 0 && {
        throughput: { perClient: Math.min(PER_CLIENT, provisioned) * MIB, aggregate: provisioned * MIB },
      }),
    }),
    database: {
      granted: machine && applicationConnections('postgresql', machine.memory),
      availability: isDouble
        ? 'RDS with a standby in another zone fails over in 60 to 120 s'
        : 'RDS in one zone is away with its zone',
    },
    cache: {
      granted: node?.maxConnections,
      memory: sizing.cache.memory,
      availability:
        'ElastiCache over several zones fails over in under a minute; the last writes may be lost',
    },
    created: [
      {
        part: 'cluster',
        what: 'EKS control plane and its log',
        billedBy: 'hours; GB of log',
        page: 'https://aws.amazon.com/eks/pricing/',
      },
      {
        part: 'nodes',
        what: `EC2 instances for what pods ask for${section.has('cluster', 'gpu') ? ', some with GPUs' : ''}`,
        billedBy: "instance hours, and Auto Mode's share of them; GB of disks",
        page: 'https://aws.amazon.com/ec2/pricing/on-demand/',
      },
      {
        part: 'network',
        what: `VPC over three zones, ${nat} NAT ${nat === 1 ? 'gateway' : 'gateways'}`,
        billedBy: 'gateway hours; each GB that passes, such as images and models; GB between zones',
        page: 'https://aws.amazon.com/vpc/pricing/',
      },
      {
        part: 'storage',
        what: `EFS in several zones, ${provisioned > 0 ? `${provisioned} MiB/s provisioned` : 'elastic'}, daily backups`,
        billedBy:
          provisioned > 0
            ? 'GB stored; MiB/s provisioned; GB of backups'
            : 'GB stored; each GB read, by every start of every pod; GB of backups',
        page: 'https://aws.amazon.com/efs/pricing/',
      },
      {
        part: 'cache',
        what: `ElastiCache for Valkey, ${nodes} × ${node?.name ?? 'more than a node has'}`,
        billedBy: `node hours × ${nodes}; GB of snapshots beyond a day's`,
        page: 'https://aws.amazon.com/elasticache/pricing/',
      },
      {
        part: 'database',
        what: `RDS for PostgreSQL, ${isDouble ? '2 × ' : ''}${machine?.name ?? 'more than a class has'}, ${gibOf(sizing.database.storage)} GiB`,
        billedBy: `instance hours${isDouble ? ' × 2' : ''}; GB of storage${isDouble ? ' × 2' : ''}; backups beyond its size`,
        page: 'https://aws.amazon.com/rds/postgresql/pricing/',
      },
      {
        part: 'image',
        what: 'ECR repository',
        billedBy: 'GB stored',
        page: 'https://aws.amazon.com/ecr/pricing/',
      },
    ],
  };
}
