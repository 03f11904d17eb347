import { durationOf } from '../../../constructs/contracts/units';
import { SECONDS } from '../../../runtime/contract.cjs';
import { PROFILES } from '../profiles';
import type { SizedWorkload, SystemSettings } from '../settings';
import type { SystemTopology } from '../topology';
import { resolveCache, resolveDatabase } from './connections';

/**
 * Fills in the defaults of what topologies of all kinds have in common.
 *
 * @param needs what the database must be. @default PostgreSQL without extensions
 */
export function resolveSystem(
  topology: SystemTopology,
  workloads: readonly SizedWorkload[],
  needs: Pick<SystemSettings['sizing']['database'], 'engine' | 'extensions'> = {},
): Omit<SystemSettings, 'kind' | 'workloads' | 'sharedFiles' | 'storage'> {
  const { name, backing, shutdown, connections, security } = topology;
  const profile = PROFILES[topology.profile];
  const most = (some: readonly SizedWorkload[]) => some.reduce((sum, { replicas }) => sum + replicas.max, 0);
  const clients = workloads.filter(({ usesDatabase = true }) => usesDatabase);
  const preStop = shutdown.preStop ?? durationOf(SECONDS.preStop);
  const drain = shutdown.drain ?? durationOf(SECONDS.drain);
  const { database, cache } = topology.sizing;
  return {
    name,
    namespace: topology.namespace ?? name,
    createNamespace: topology.createNamespace,
    labels: topology.labels,
    profileName: topology.profile,
    profile,
    connections,
    sizing: {
      database: {
        ...needs,
        cpu: database.cpu ?? profile.database.cpu,
        memory: database.memory ?? profile.database.memory,
        storage: database.storage ?? profile.database.storage,
        maxConnections: database.maxConnections ?? connections.database * most(clients),
      },
      cache: {
        memory: cache.memory ?? profile.cache.memory,
        mode: cache.mode ?? profile.cache.mode,
        maxConnections: connections.cache * most(workloads),
      },
    },
    scheduling: topology.scheduling,
    spread: topology.spread,
    shutdown: {
      preStop,
      drain,
      grace: shutdown.grace ?? durationOf(preStop.seconds + drain.seconds + SECONDS.graceMargin),
    },
    network: topology.network,
    traffic: topology.traffic,
    observability: topology.observability,
    backup: topology.backup,
    security,
    backing: {
      image: backing.image && {
        ...backing.image,
        ...(security.imagePullSecrets.length > 0 && { pullSecrets: security.imagePullSecrets }),
      },
      storage: backing.storage,
      cache: typeof backing.cache === 'object' ? resolveCache(backing.cache) : backing.cache,
      database:
        typeof backing.database === 'object'
          ? resolveDatabase(backing.database, needs.engine)
          : backing.database,
    },
    allow: topology.allow,
  };
}
