import type { CacheConnection } from '../../../constructs/contracts/cache-connection';
import type { DatabaseConnection } from '../../../constructs/contracts/database-connection';
import type { NetworkTarget } from '../../../constructs/contracts/network-target';
import type { SystemTopology } from '../topology';

type CacheServer = Exclude<SystemTopology['backing']['cache'], 'local' | undefined>;
type DatabaseServer = Exclude<SystemTopology['backing']['database'], 'local' | undefined>;

/** The contract's form of a cache that the topology names. */
export function resolveCache(server: CacheServer): CacheConnection {
  const { host, port, mode, credentials, maxConnections } = server;
  return {
    host,
    port,
    mode,
    tls: server.tls && server.ca !== undefined ? { ca: server.ca } : server.tls,
    ...(credentials && { credentials }),
    ...(maxConnections !== undefined && { maxConnections }),
    egress: egressOf(server),
  };
}

/** The contract's form of a database that the topology names. */
export function resolveDatabase(
  server: DatabaseServer,
  engine: DatabaseConnection['engine'] = 'postgresql',
): DatabaseConnection {
  const { host, port, database, credentials, maxConnections } = server;
  return {
    engine,
    host,
    port,
    database,
    tls: server.tls === 'off' ? false : { mode: 'verify-full', ...(server.ca && { ca: server.ca }) },
    credentials,
    maxConnections,
    egress: egressOf(server),
  };
}

function egressOf({ port, cidrs, pods }: CacheServer | DatabaseServer): NetworkTarget {
  if (pods === undefined) return { cidrs: cidrs ?? [], ports: [port] };
  return {
    podLabels: pods.labels,
    ...(pods.namespace !== undefined && { namespace: pods.namespace }),
    ports: [pods.port ?? port],
  };
}
