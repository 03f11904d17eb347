import { GIB, type Machine } from '../cloud/sizes';

/** Engines of RDS that systems here can use. */
export type DatabaseEngine = 'postgresql' | 'mysql';

/**
 * Instance classes on Graviton, cheapest first.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html,
 * https://aws.amazon.com/rds/postgresql/pricing/
 */
export const DATABASE_CLASSES: readonly Machine[] = [
  { name: 'db.t4g.medium', cpu: 2, memory: 4 * GIB },
  { name: 'db.t4g.large', cpu: 2, memory: 8 * GIB },
  { name: 'db.m7g.large', cpu: 2, memory: 8 * GIB },
  { name: 'db.r7g.large', cpu: 2, memory: 16 * GIB },
  { name: 'db.m7g.xlarge', cpu: 4, memory: 16 * GIB },
  { name: 'db.r7g.xlarge', cpu: 4, memory: 32 * GIB },
  { name: 'db.m7g.2xlarge', cpu: 8, memory: 32 * GIB },
  { name: 'db.r7g.2xlarge', cpu: 8, memory: 64 * GIB },
  { name: 'db.m7g.4xlarge', cpu: 16, memory: 64 * GIB },
  { name: 'db.r7g.4xlarge', cpu: 16, memory: 128 * GIB },
  { name: 'db.m7g.8xlarge', cpu: 32, memory: 128 * GIB },
  { name: 'db.r7g.8xlarge', cpu: 32, memory: 256 * GIB },
  { name: 'db.m7g.12xlarge', cpu: 48, memory: 192 * GIB },
  { name: 'db.r7g.12xlarge', cpu: 48, memory: 384 * GIB },
  { name: 'db.m7g.16xlarge', cpu: 64, memory: 256 * GIB },
  { name: 'db.r7g.16xlarge', cpu: 64, memory: 512 * GIB },
];

/**
 * Bytes of memory to each connection, and most connections, by RDS's own default for `max_connections`.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
 */
const CONNECTIONS: Readonly<Record<DatabaseEngine, { readonly bytesEach: number; readonly most: number }>> = {
  postgresql: { bytesEach: 9_531_392, most: 5000 },
  mysql: { bytesEach: 12_582_880, most: 16_000 },
};

/** RDS reckons with the memory that the operating system and its own agents leave: about nine tenths. */
const MEMORY_SHARE = 0.9;

/**
 * Connections that are not the application's: PostgreSQL keeps 3 for superusers and RDS 2 for itself; the rest is for
 * an administrator, the Job that makes the user, and monitoring.
 */
const RESERVED = 15;

/** `max_connections` to set for a class, so that the figure is ours and not reckoned anew when AWS changes a machine. */
export function serverConnections(engine: DatabaseEngine, memory: number): number {
  const { bytesEach, most } = CONNECTIONS[engine];
  return Math.min(most, Math.floor((memory * MEMORY_SHARE) / bytesEach));
}

/** Connections that are left for the application. */
export function applicationConnections(engine: DatabaseEngine, memory: number): number {
  return serverConnections(engine, memory) - RESERVED;
}
