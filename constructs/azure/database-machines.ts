import { GIB, type Machine } from '../cloud/sizes';

/** Engines of Flexible Server that systems here can use. */
export type DatabaseEngine = 'postgresql' | 'mysql';

/**
 * Machines that both engines offer and that can have a standby in another zone (the burstable ones can't), cheapest
 * first. https://learn.microsoft.com/azure/postgresql/compute-storage/concepts-compute,
 * https://learn.microsoft.com/azure/mysql/flexible-server/concepts-service-tiers-storage
 */
export const DATABASE_MACHINES: readonly Machine[] = [
  { name: 'Standard_D2ads_v5', cpu: 2, memory: 8 * GIB },
  { name: 'Standard_E2ads_v5', cpu: 2, memory: 16 * GIB },
  { name: 'Standard_D4ads_v5', cpu: 4, memory: 16 * GIB },
  { name: 'Standard_E4ads_v5', cpu: 4, memory: 32 * GIB },
  { name: 'Standard_D8ads_v5', cpu: 8, memory: 32 * GIB },
  { name: 'Standard_E8ads_v5', cpu: 8, memory: 64 * GIB },
  { name: 'Standard_D16ads_v5', cpu: 16, memory: 64 * GIB },
  { name: 'Standard_E16ads_v5', cpu: 16, memory: 128 * GIB },
  { name: 'Standard_D32ads_v5', cpu: 32, memory: 128 * GIB },
  { name: 'Standard_E32ads_v5', cpu: 32, memory: 256 * GIB },
  { name: 'Standard_D48ads_v5', cpu: 48, memory: 192 * GIB },
  { name: 'Standard_E48ads_v5', cpu: 48, memory: 384 * GIB },
  { name: 'Standard_D64ads_v5', cpu: 64, memory: 256 * GIB },
  { name: 'Standard_E64ads_v5', cpu: 64, memory: 512 * GIB },
];

/** Azure's word for a machine's family, which stands beside its name. */
export function machineTier(name: string): 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized' {
  if (name.startsWith('Standard_B')) return 'Burstable';
  return name.startsWith('Standard_E') ? 'MemoryOptimized' : 'GeneralPurpose';
}

/**
 * Connections by machine, as Azure's defaults have them: PostgreSQL 859 for 8 GiB and so on, at most 5,000; MySQL a
 * byte count for each. https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-limits,
 * https://learn.microsoft.com/azure/mysql/flexible-server/concepts-server-parameters
 */
const CONNECTIONS: Readonly<Record<DatabaseEngine, { readonly bytesEach: number; readonly most: number }>> = {
  postgresql: { bytesEach: 10_000_000, most: 5000 },
  mysql: { bytesEach: 12_582_880, most: 43_000 },
};

/** Not the application's: Azure keeps 15 of PostgreSQL's for itself; on MySQL they are for administrators and the Job. */
const RESERVED = 15;

/** `max_connections` to set for a machine: Azure does not raise its default when a server grows. */
export function serverConnections(engine: DatabaseEngine, memory: number): number {
  const { bytesEach, most } = CONNECTIONS[engine];
  return Math.min(most, Math.floor(memory / bytesEach));
}

/** Connections that are left for the application. */
export function applicationConnections(engine: DatabaseEngine, memory: number): number {
  return serverConnections(engine, memory) - RESERVED;
}

/** Sizes of PostgreSQL's disks, in GiB; MySQL takes any. */
const DISKS = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_767];

/** The smallest disk that holds so many GiB, or `undefined` where none does. */
export function diskSize(engine: DatabaseEngine, gib: number): number | undefined {
  if (engine === 'mysql') return gib > 16_384 ? undefined : Math.max(20, gib);
  return DISKS.find((disk) => disk >= gib);
}
