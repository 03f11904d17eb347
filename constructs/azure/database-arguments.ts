import type { Input } from '@pulumi/pulumi';
import {
  type DatabaseSize,
  GIB,
  matches,
  oneOf,
  REMOVALS,
  type Removal,
  smallestMachine,
  within,
} from '../cloud';
import type { Problem } from '../contracts';
import {
  applicationConnections,
  DATABASE_MACHINES,
  type DatabaseEngine,
  diskSize,
} from './database-machines';
import type { KeyAccess } from './encryption-key';
import type { ServicePlacement } from './service-placement';
import { type Tags, tagProblems } from './tags';

/** Arguments of a {@link Database} that do not name children. */
export interface DatabaseSettings {
  readonly placement: ServicePlacement;
  /** @default `postgresql` */
  readonly engine?: DatabaseEngine;
  /** Extensions of PostgreSQL to create, such as `vector`. @default none */
  readonly extensions?: readonly string[];
  /** CPU, memory and storage to begin with; the cheapest machine that has it all is taken. */
  readonly size: DatabaseSize;
  /** Name of the database. @default `polypod` */
  readonly databaseName?: string;
  /** A standby in another zone. Costs as much again. Without it, a lost zone is an outage. @default true */
  readonly zoneRedundant?: boolean;
  /** Days that it can be restored to, 7 to 35. @default 7 */
  readonly backupDays?: number;
  /** Backups in the paired region too, for the loss of this one. Can't be changed later. @default false */
  readonly geoRedundantBackup?: boolean;
  /** Connections that the topology will open at most; refused where the machine grants fewer. @default not checked */
  readonly requiredConnections?: number;
  /** Image with `psql` or `mysql`, for the Job that makes the application's user. @default the engine's official one */
  readonly clientImage?: string;
  /** Key for encryption at rest. Can't be changed to or from Azure's own later. @default Azure's own */
  readonly encryptionKey?: KeyAccess;
  /** Zone `privatelink.{postgres,mysql}.database.azure.com`, where the network has it already. @default made here */
  readonly privateDnsZoneId?: Input<string>;
  /** `retain` also locks it against deletion. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
}

/** What is wrong with the arguments of a {@link Database}, wherever it is placed. */
export function databaseProblems(args: Omit<DatabaseSettings, 'placement'>): Problem[] {
  return [
    ...oneOf('engine', args.engine, ['postgresql', 'mysql']),
    ...sizeProblems(args),
    ...matches('databaseName', args.databaseName, /^[a-z_][a-z0-9_]{0,62}$/i, {
      reason: 'is not a name that both engines take',
      mend: 'write a letter, then letters, digits and underscores, 63 at most',
    }),
    ...within('backupDays', args.backupDays, [7, 35], 'days'),
    ...geoBackupProblems(args),
    ...oneOf('removal', args.removal, REMOVALS),
    ...tagProblems(args.tags),
  ];
}

/** The other region's backups would need a key and an identity of that region. */
function geoBackupProblems(args: Omit<DatabaseSettings, 'placement'>): Problem[] {
  if (!args.geoRedundantBackup || args.encryptionKey === undefined) return [];
  const reason = 'does not go with a key of yours: the other region would need its own';
  const mend = "leave it out, or use Azure's own keys";
  return [{ path: 'geoRedundantBackup', value: true, reason, mend }];
}

function sizeProblems({
  engine = 'postgresql',
  size,
  requiredConnections,
}: Omit<DatabaseSettings, 'placement'>): Problem[] {
  const gib = Math.ceil(size.storage / GIB);
  const problems = within('size.storage', gib, [1, engine === 'mysql' ? 16_384 : 32_767], 'GiB');
  const machine = smallestMachine(DATABASE_MACHINES, size);
  if (machine === undefined) {
    const reason = 'is more than one server has (64 CPUs, 512 GiB)';
    problems.push({ path: 'size', value: size, reason, mend: 'ask for less, or bring an existing database' });
    return problems;
  }
  const granted = applicationConnections(engine, machine.memory);
  if (requiredConnections !== undefined && requiredConnections > granted) {
    const reason = `is more than ${machine.name} grants (${granted})`;
    const mend = 'ask for more memory, for fewer pods, or for a smaller pool in each';
    problems.push({ path: 'requiredConnections', value: requiredConnections, reason, mend });
  }
  return problems;
}

/** Disk and machine of a size that the checks have let through. */
export function databaseHardware(engine: DatabaseEngine, size: DatabaseSize) {
  return {
    machine: smallestMachine(DATABASE_MACHINES, size) ?? { name: '', cpu: 0, memory: 0 },
    diskGib: diskSize(engine, Math.ceil(size.storage / GIB)) ?? 0,
  };
}
