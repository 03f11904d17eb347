import { getCluster } from '@pulumi/aws/elasticache/getCluster';
import { getReplicationGroup } from '@pulumi/aws/elasticache/getReplicationGroup';
import { getSubnetGroup } from '@pulumi/aws/elasticache/getSubnetGroup';
import type { InvokeOptions } from '@pulumi/pulumi';
import { type ExistingCredentials, existingCredentials, lookUp, type Provided, refuse } from '../cloud';
import type { CacheConnection, Problem } from '../contracts';
import { cacheConnections } from './cache-nodes';
import { existingSubnets } from './existing-subnets';

/** A replication group of ElastiCache that exists, whose security group admits the nodes. */
export interface ExistingCacheArgs {
  /** Name of the Secret that is made for credentials. */
  readonly name: string;
  readonly replicationGroupId: string;
  readonly credentials: ExistingCredentials;
  /** Connections that the topology will open at most. @default not checked */
  readonly requiredConnections?: number;
}

/**
 * Finds a replication group and refuses one that loses streams with a zone or shows them on the wire: without
 * several zones, automatic failover or TLS.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingCache(
  args: ExistingCacheArgs,
  options?: InvokeOptions,
): Promise<Provided<CacheConnection>> {
  const { name, replicationGroupId, credentials, requiredConnections } = args;
  const path = 'replicationGroupId';
  const group = await lookUp(path, replicationGroupId, () =>
    getReplicationGroup({ replicationGroupId }, options),
  );
  const mode = group.configurationEndpointAddress === '' ? 'single' : 'cluster';
  const host = mode === 'cluster' ? group.configurationEndpointAddress : group.primaryEndpointAddress;
  const maxConnections = cacheConnections(group.nodeType);

  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) =>
    problems.push({ path, value: replicationGroupId, reason, mend });
  if (!group.multiAzEnabled) unfit('lies in one zone', 'turn Multi-AZ on, with one replica or more');
  if (!group.automaticFailoverEnabled) unfit('does not fail over by itself', 'turn automatic failover on');
  // ElastiCache says whether a group has TLS in the first word of its endpoint, and nowhere else in this answer.
  if (!/^(master|clustercfg)\./.test(host))
    unfit('has no TLS', 'turn in-transit encryption on, mode required');
  if (requiredConnections !== undefined && requiredConnections > maxConnections) {
    unfit(
      `grants ${maxConnections} connections, and ${requiredConnections} are asked for`,
      'take larger nodes, or fewer pods',
    );
  }
  refuse('cache', problems);

  const [member = ''] = group.memberClusters;
  const cluster = await lookUp(path, replicationGroupId, () => getCluster({ clusterId: member }, options));
  const subnetGroup = await lookUp(path, replicationGroupId, () =>
    getSubnetGroup({ name: cluster.subnetGroupName }, options),
  );
  const subnets = await existingSubnets(path, subnetGroup.subnetIds, options);
  const { reference, objects } = existingCredentials(name, credentials);
  return {
    contract: {
      host,
      port: group.port,
      mode,
      tls: true,
      credentials: reference,
      maxConnections,
      egress: { cidrs: subnets.map(({ cidr }) => cidr), ports: [group.port] },
    },
    objects,
    ready: [],
  };
}
