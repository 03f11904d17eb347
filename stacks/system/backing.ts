import type { Construct } from 'constructs';
import { type Backing, InvalidInputError } from '../../constructs/contracts';
import { byteSizeOf } from '../../constructs/contracts/units';
import { DevelopmentCache, DevelopmentDatabase } from '../../constructs/kubernetes';
import type { SystemSettings } from '../topology';

/** What a stack stands on, with the servers that were made for it inside the cluster. */
export interface StackBacking extends Backing {
  /** Cache and database inside the namespace, to be isolated with the rest. */
  readonly servers: readonly (DevelopmentCache | DevelopmentDatabase)[];
}

/**
 * The backing that a topology names. What it leaves out must come from a foundation; what it calls `local` is made
 * here, inside the namespace.
 *
 * @param made what a foundation made. @default nothing: the topology must name image, storage and database
 * @throws InvalidInputError where image, storage or database come from neither
 */
export function backingOf(
  scope: Construct,
  settings: SystemSettings,
  made: Partial<Backing> = {},
): StackBacking {
  const { name, backing, sizing } = settings;
  const image = backing.image ?? made.image;
  const storage = settings.storage ?? made.storage;
  const cache = backing.cache === 'local' ? developmentCache(scope, settings) : undefined;
  const database = backing.database === 'local' ? developmentDatabase(scope, settings) : undefined;
  const databaseConnection =
    database?.connection ?? (typeof backing.database === 'object' ? backing.database : made.database);
  if (!image || !storage || !databaseConnection) {
    const missing = Object.entries({ image, storage, database: databaseConnection }).filter(
      ([, part]) => !part,
    );
    throw new InvalidInputError(
      `topology ${name}`,
      missing.map(([part]) => ({
        path: `backing.${part}`,
        value: undefined,
        reason: 'is missing, and no foundation makes it',
        mend: `name an existing one under backing.${part}`,
      })),
    );
  }
  const { engine = 'postgresql' } = sizing.database;
  if ((databaseConnection.engine ?? 'postgresql') !== engine) {
    const problem = {
      path: 'backing.database',
      value: databaseConnection.engine,
      reason: `is not what ${settings.kind} speaks`,
      mend: `give it a ${engine} database`,
    };
    throw new InvalidInputError(`topology ${name}`, [problem]);
  }
  return {
    image,
    storage,
    cache: cache?.connection ?? (typeof backing.cache === 'object' ? backing.cache : made.cache),
    disk: made.disk,
    database: databaseConnection,
    servers: [cache, database].filter((server) => server !== undefined),
  };
}

function developmentCache(scope: Construct, { name, sizing }: SystemSettings): DevelopmentCache {
  return new DevelopmentCache(scope, 'cache', {
    name: `${name}-cache`,
    instance: name,
    credentials: { secretName: `${name}-cache` },
    maxMemory: sizing.cache.memory.text,
    maxClients: sizing.cache.maxConnections + HEADROOM,
    // The log is rewritten into a new file beside the old one.
    volume: { size: byteSizeOf(2 * sizing.cache.memory.bytes).text },
  });
}

function developmentDatabase(scope: Construct, { name, sizing }: SystemSettings): DevelopmentDatabase {
  const { engine, extensions = [], maxConnections, storage } = sizing.database;
  return new DevelopmentDatabase(scope, 'database', {
    name: `${name}-database`,
    instance: name,
    engine,
    database: 'polypod',
    ...(extensions.includes('vector') && { image: POSTGRESQL_WITH_VECTOR }),
    credentials: { secretName: `${name}-database` },
    maxConnections: maxConnections + HEADROOM,
    volume: { size: storage.text },
  });
}

/** The official image of PostgreSQL has no extensions but its own. */
const POSTGRESQL_WITH_VECTOR = { repository: 'docker.io/pgvector/pgvector', tag: '0.8.1-pg18' };

/** Connections for whoever looks in by hand, and for backups. */
const HEADROOM = 20;
