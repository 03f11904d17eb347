import type { CustomResourceOptions, Resource } from '@pulumi/pulumi';
import { removalOptions } from '../cloud';
import type { DatabaseSettings } from './database-arguments';
import { type DatabaseEngine, serverConnections } from './database-machines';

/** What differs between the engines, but for their resources. */
export const ENGINES = {
  postgresql: { port: 5432, group: 'postgresqlServer', zoneName: 'privatelink.postgres.database.azure.com' },
  mysql: { port: 3306, group: 'mysqlServer', zoneName: 'privatelink.mysql.database.azure.com' },
} as const;

/** Sunday, 04:00 UTC. */
export const MAINTENANCE = { customWindow: 'Enabled', dayOfWeek: 0, startHour: 4, startMinute: 0 };

/** Parameters that are ours. `max_connections` equals Azure's default at first, so that no restart is due. */
export function parameters(engine: DatabaseEngine, memory: number): [name: string, value: string][] {
  return [
    ['require_secure_transport', engine === 'mysql' ? 'ON' : 'on'],
    ['max_connections', String(serverConnections(engine, memory))],
  ];
}

export function zoneMode({ zoneRedundant = true }: DatabaseSettings): 'ZoneRedundant' | 'Disabled' {
  return zoneRedundant ? 'ZoneRedundant' : 'Disabled';
}

export function backup({ backupDays = 7, geoRedundantBackup = false }: DatabaseSettings) {
  return {
    backupRetentionDays: backupDays,
    geoRedundantBackup: geoRedundantBackup ? 'Enabled' : 'Disabled',
  } as const;
}

export function serverOptions({ removal }: DatabaseSettings): CustomResourceOptions {
  return {
    ...removalOptions(removal),
    // The server's to change: disks grow by themselves, and a failover swaps the zones.
    ignoreChanges: ['storage.storageSizeGB', 'availabilityZone', 'highAvailability.standbyAvailabilityZone'],
    customTimeouts: { create: '60m', update: '120m', delete: '60m' },
  };
}

/** A server takes one change at a time: each waits for the one before. */
export function inTurn<Item, Made extends Resource>(
  first: Resource,
  items: readonly Item[],
  make: (item: Item, after: Resource) => Made,
): Made[] {
  const made: Made[] = [];
  for (const item of items) made.push(make(item, made.at(-1) ?? first));
  return made;
}
