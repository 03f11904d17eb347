import type { Input } from '@pulumi/pulumi';
import { type DatabaseSize, GIB, matches, oneOf, REMOVALS, type Removal, within } from '../cloud';
import type { Problem } from '../contracts';
import { kmsKeyProblems } from './argument-forms';
import { applicationConnections, type DatabaseEngine, databaseTier } from './database-tiers';
import { type Labels, labelProblems } from './labels';
import type { ServicePlacement } from './service-access';

/** GiB that Cloud SQL begins with at least, and has at most. */
export const STORAGE_GIB = [10, 65_536] as const;

/** Arguments of a {@link Database} that do not name children. */
export interface DatabaseSettings {
  readonly placement: ServicePlacement;
  /** @default `postgresql` */
  readonly engine?: DatabaseEngine;
  /** Extensions of PostgreSQL to create, such as `vector`. @default none */
  readonly extensions?: readonly string[];
  /** CPU, memory and storage; the cheapest machine that has it all is taken. */
  readonly size: DatabaseSize;
  /** GiB that storage may grow to by itself. @default four times what it begins with */
  readonly maxStorageGib?: number;
  /** Name of the database. @default `polypod` */
  readonly databaseName?: string;
  /** A standby in another zone. Costs as much again. Without it, a lost zone is an outage. @default true */
  readonly highAvailability?: boolean;
  /** Daily backups that are kept, 7 to 365. @default 7 */
  readonly backups?: number;
  /** Connections that the topology will open at most; refused where the machine grants fewer. @default not checked */
  readonly requiredConnections?: number;
  /** Image with `psql` or `mysql`, for the Job that makes the application's user. @default the engine's official one */
  readonly clientImage?: string;
  /** Key of Cloud KMS. Changing it replaces the instance. @default Google's own */
  readonly kmsKeyName?: Input<string>;
  /** `retain` also turns on Cloud SQL's deletion protection. A final backup is taken either way. @default `retain` */
  readonly removal?: Removal;
  readonly labels?: Labels;
}

/** What is wrong with the arguments of a {@link Database}, wherever it is placed. */
export function databaseProblems(args: Omit<DatabaseSettings, 'placement'>): Problem[] {
  return [
    ...oneOf('engine', args.engine, ['postgresql', 'mysql']),
    ...sizeProblems(args),
    ...matches('databaseName', args.databaseName, /^[a-z][a-z0-9_]{0,62}$/i, {
      reason: 'is not a name that every client can write',
      mend: 'write a letter, then letters, digits and underscores, 63 at most',
    }),
    ...within('backups', args.backups, [7, 365], 'backups'),
    ...kmsKeyProblems('kmsKeyName', args.kmsKeyName),
    ...oneOf('removal', args.removal, REMOVALS),
    ...labelProblems(args.labels),
  ];
}

/** GiB of storage that a size begins with. */
export function storageGib({ storage }: DatabaseSize): number {
  return Math.max(STORAGE_GIB[0], Math.ceil(storage / GIB));
}

function sizeProblems(args: Omit<DatabaseSettings, 'placement'>): Problem[] {
  const { size, requiredConnections } = args;
  const machine = databaseTier(size);
  const problems: Problem[] = [
    ...within('size.storage', Math.ceil(size.storage / GIB), [1, STORAGE_GIB[1]], 'GiB'),
    ...within('maxStorageGib', args.maxStorageGib, [storageGib(size), STORAGE_GIB[1]], 'GiB'),
  ];
  if (machine === undefined) {
    const reason = 'is more than one machine of Cloud SQL has (96 CPUs, 624 GiB)';
    problems.push({ path: 'size', value: size, reason, mend: 'ask for less, or bring an existing database' });
    return problems;
  }
  const granted = applicationConnections(machine.memory);
  if (requiredConnections !== undefined && requiredConnections > granted) {
    const reason = `is more than ${machine.name} grants (${granted})`;
    const mend = 'ask for more memory, for fewer pods, or for a smaller pool in each';
    problems.push({ path: 'requiredConnections', value: requiredConnections, reason, mend });
  }
  return problems;
}
