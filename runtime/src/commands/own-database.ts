import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import {
  type EmbeddedPostgres,
  hasEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../database/embedded-postgres.js';
import { CannotStart } from './cannot-start.js';

/** Starts PostgreSQL for a node that has all roles and is told of no database. */
export async function startOwnDatabase(
  config: Config,
  logger: Logger,
): Promise<EmbeddedPostgres | undefined> {
  if (config.role !== 'all' || config.database || !config.embeddedDatabase) return undefined;
  if (!hasEmbeddedPostgres()) {
    logger.info('no database: accounts and conversations need one, named as `database`');
    return undefined;
  }
  try {
    return await startEmbeddedPostgres(config.dataDirectory, {
      onInitialize: (directory) =>
        logger.info({ directory }, 'setting up a database, for this first start only'),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CannotStart(
      `The embedded PostgreSQL could not be started. ${reason}\nOr name another database as \`database\` in the configuration; \`embeddedDatabase: false\` goes without one.`,
    );
  }
}

/** The configuration of a node that uses this PostgreSQL. */
export function withDatabase(config: Config, database: EmbeddedPostgres | undefined): Config {
  if (!database) return config;
  const { host, port, database: name, userFile, passwordFile } = database;
  return {
    ...config,
    database: { host, port, name, sslMode: 'disable', userFile, passwordFile, poolSize: 5 },
  };
}
