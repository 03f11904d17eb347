import { RedisConnections } from '../../src/redis/connection.js';
import type { StreamHeader } from '../../src/streams/journal.js';
import { RedisJournal, type RedisJournalOptions } from '../../src/streams/redis/redis-journal.js';
import { textRequest } from './models.js';
import type { TestRedis } from './redis.js';

export const JOURNAL_LIMITS: RedisJournalOptions = {
  retentionSeconds: 60,
  abandonedSeconds: 60,
  maxStreams: 1000,
  retainedBytes: 1e9,
  maxBytes: 1e6,
  leaseSeconds: 1,
  outageSeconds: 30,
};

/** A node's journal, without the node. */
export async function openTestJournal({ host, port }: TestRedis, nodeId: string): Promise<RedisJournal> {
  const connections = await RedisConnections.create(
    { host, port, tls: false, mode: 'single', poolSize: 1 },
    () => {},
  );
  return RedisJournal.open(connections, nodeId, () => JOURNAL_LIMITS, {
    onOutage: () => {},
    onWrite: () => {},
    onNotDurable: () => {},
  });
}

export function streamHeader(id: string): StreamHeader {
  return {
    id,
    kind: 'chat.completion',
    created: 1,
    model: 'demo',
    requests: [textRequest('x')],
    rendering: {},
    background: true,
  };
}
