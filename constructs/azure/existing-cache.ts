import { getDatabase } from '@pulumi/azure-native/redisenterprise/getDatabase';
import { getRedisEnterprise } from '@pulumi/azure-native/redisenterprise/getRedisEnterprise';
import type { InvokeOptions } from '@pulumi/pulumi';
import { type ExistingCredentials, existingCredentials, lookUp, type Provided, refuse } from '../cloud';
import type { CacheConnection, Problem } from '../contracts';
import { cacheEgressPorts } from './cache';
import { CACHE_CONNECTIONS } from './cache-skus';
import { endpointCidrs } from './existing-subnet';

/** An Azure Managed Redis that exists, with a private endpoint that the nodes reach. */
export interface ExistingCacheArgs {
  /** Name of the Secret that is made for credentials. */
  readonly name: string;
  readonly resourceGroupName: string;
  readonly clusterName: string;
  /** With access keys, the user is `default` and the password a key. */
  readonly credentials: ExistingCredentials;
  /** Connections that the topology will open at most. @default not checked */
  readonly requiredConnections?: number;
}

/**
 * Finds an Azure Managed Redis and refuses one that loses streams or shows them: without a copy, with eviction, without
 * TLS, or in the open.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingCache(
  args: ExistingCacheArgs,
  options?: InvokeOptions,
): Promise<Provided<CacheConnection>> {
  const { name, resourceGroupName, clusterName, requiredConnections } = args;
  const path = 'clusterName';
  const [cluster, database] = await lookUp(path, clusterName, () =>
    Promise.all([
      getRedisEnterprise({ resourceGroupName, clusterName }, options),
      getDatabase({ resourceGroupName, clusterName, databaseName: 'default' }, options),
    ]),
  );
  const cidrs = await endpointCidrs(path, cluster.privateEndpointConnections, options);

  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) => problems.push({ path, value: clusterName, reason, mend });
  if (cluster.highAvailability === 'Disabled') unfit('has no copy of its data', 'turn high availability on');
  else if (cluster.redundancyMode !== 'ZR') unfit('lies in one zone', 'make one in a region with zones');
  if (database.clientProtocol !== 'Encrypted') unfit('has no TLS', 'set its client protocol to Encrypted');
  if (database.evictionPolicy !== 'NoEviction') {
    unfit(`evicts keys (${database.evictionPolicy})`, 'set its eviction policy to NoEviction');
  }
  if (cluster.publicNetworkAccess !== 'Disabled') unfit('stands in the open', 'turn public access off');
  if (cidrs.length === 0) unfit('has no private endpoint', "give it one in the nodes' network");
  if (requiredConnections !== undefined && requiredConnections > CACHE_CONNECTIONS) {
    unfit(
      `grants ${CACHE_CONNECTIONS} connections, and ${requiredConnections} are asked for`,
      'take fewer pods, or a smaller pool in each',
    );
  }
  refuse('cache', problems);

  const mode = database.clusteringPolicy === 'OSSCluster' ? 'cluster' : 'single';
  const { reference, objects } = existingCredentials(name, args.credentials);
  return {
    contract: {
      host: cluster.hostName,
      port: database.port ?? 0,
      mode,
      tls: true,
      credentials: reference,
      maxConnections: CACHE_CONNECTIONS,
      egress: { cidrs, ports: cacheEgressPorts(mode) },
    },
    objects,
    ready: [],
  };
}
