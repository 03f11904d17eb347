import type { Logger } from 'pino';
import type { LiveConfig } from '../config/live-config.js';
import type { Metrics } from '../operations/metrics.js';
import { RedisConnections } from '../redis/connection.js';
import type { StreamJournal } from './journal.js';
import { MemoryJournal } from './memory-journal.js';
import { RedisJournal } from './redis/redis-journal.js';

/** Redis tells the same error at every attempt to connect; once in so long is enough. */
const ERROR_MILLISECONDS = 30_000;

/** The journal of the configuration: in Redis, or else in this process. */
export async function openJournal(
  live: LiveConfig,
  nodeId: string,
  logger: Logger,
  { of }: Metrics,
): Promise<StreamJournal> {
  const { redis } = live.current;
  const options = () => live.current.streams;
  if (!redis) return new MemoryJournal(options);
  let lastError = 0;
  const connections = await RedisConnections.create(redis, (err) => {
    if (Date.now() - lastError < ERROR_MILLISECONDS) return;
    lastError = Date.now();
    logger.warn({ err }, 'Redis connection failed');
  });
  return RedisJournal.open(connections, nodeId, options, {
    onOutage(away, err) {
      of.journalAway.set(away ? 1 : 0);
      if (away) logger.warn({ err }, 'Redis is away: new streams are not durable');
      else logger.info('Redis is back');
    },
    onWrite: (seconds) => of.journalSeconds.observe(seconds),
    onNotDurable: () => of.streamsNotDurable.inc(),
  });
}
