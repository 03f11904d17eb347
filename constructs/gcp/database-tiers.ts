import { type DatabaseSize, GIB, type Machine } from '../cloud/sizes';

/** Engines of Cloud SQL that systems here can use. */
export type DatabaseEngine = 'postgresql' | 'mysql';

/**
 * Custom machines of the Enterprise edition: 1 CPU or an even number to 96; memory in steps of 256 MiB, 0.9 to 6.5 GiB
 * for each CPU, 3.75 GiB at least. https://cloud.google.com/sql/docs/postgres/create-instance#machine-types
 */
const MOST_CPU = 96;
const STEP_MIB = 256;
const LEAST_MIB = 3840;
const PER_CPU = { least: 0.9 * GIB, most: 6.5 * GIB };

/** The cheapest machine that has it all, or `undefined` where none has. */
export function databaseTier({ cpu, memory }: Pick<DatabaseSize, 'cpu' | 'memory'>): Machine | undefined {
  const wanted = Math.max(cpu, Math.ceil(memory / PER_CPU.most));
  const cpus = wanted <= 1 ? 1 : Math.ceil(wanted / 2) * 2;
  if (!(cpus <= MOST_CPU)) return undefined;
  const least = Math.max(memory, cpus * PER_CPU.least);
  const mib = Math.max(LEAST_MIB, Math.ceil(least / 1024 ** 2 / STEP_MIB) * STEP_MIB);
  return { name: `db-custom-${cpus}-${mib}`, cpu: cpus, memory: mib * 1024 ** 2 };
}

/** The machine of a tier's name, or `undefined` for a tier that is not custom. */
export function machineOf(tier: string): Machine | undefined {
  const match = /^db-custom-(\d+)-(\d+)$/.exec(tier);
  if (match === null) return undefined;
  return { name: tier, cpu: Number(match[1]), memory: Number(match[2]) * 1024 ** 2 };
}

/**
 * A connection's share of memory. A backend of PostgreSQL takes 5 to 10 MiB and its sorts 4 MiB more; Cloud SQL's own
 * default grants about half as many. https://cloud.google.com/sql/docs/postgres/flags#postgres-m
 */
const BYTES_EACH = 16 * 1024 ** 2;
const MOST = 5000;

/**
 * Connections that are not the application's: PostgreSQL keeps 3 for superusers, Cloud SQL's agents take some; the rest
 * is for an administrator, the Job that makes the user, and monitoring.
 */
const RESERVED = 15;

/** `max_connections` to set for a machine. */
export function serverConnections(memory: number): number {
  return Math.min(MOST, Math.floor(memory / BYTES_EACH));
}

/** Connections that are left for the application. */
export function applicationConnections(memory: number): number {
  return serverConnections(memory) - RESERVED;
}
