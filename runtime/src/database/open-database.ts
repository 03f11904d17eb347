import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import type { Metrics } from '../operations/metrics.js';
import { connectDatabase, type Database } from './database.js';

/** The database of the configuration, if it names one. Throws only when a file that it names can't be read. */
export async function openDatabase(
  config: Config['database'],
  logger: Logger,
  { of }: Metrics,
): Promise<Database | undefined> {
  if (!config) return undefined;
  return connectDatabase(config, {
    onOutage(away, err) {
      of.databaseAway.set(away ? 1 : 0);
      if (away) logger.warn({ err }, 'PostgreSQL is away: nothing is stored, nobody leads');
      else logger.info('PostgreSQL is back');
    },
  });
}
