import type { Logger } from 'pino';
import type { LiveConfig } from '../config/live-config.js';
import type { Database } from '../database/database.js';
import type { Metrics } from '../operations/metrics.js';
import { RedisConnections } from '../redis/connection.js';
import type { StreamHeader, StreamJournal } from '../streams/journal.js';
import type { ConversationLog } from './conversation-log.js';
import { ConversationStore } from './conversation-store.js';
import { Conversations } from './conversations.js';
import { MemoryLog } from './memory-log.js';
import { Recorder } from './recorder.js';
import { RedisLog } from './redis-log.js';

const SWEEP_MILLISECONDS = 10_000;
const ERROR_MILLISECONDS = 30_000;

export interface OpenConversationsOptions {
  readonly live: LiveConfig;
  readonly journal: StreamJournal;
  readonly database: Database | undefined;
  /** Starts a stream, on this node or another. */
  readonly start: (header: StreamHeader) => Promise<void>;
  /** This node stores what others have left: one of them is enough. */
  readonly leads: () => boolean;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface OpenConversations {
  readonly conversations: Conversations;
  readonly log: ConversationLog;
  readonly store: ConversationStore | undefined;
  readonly redis: RedisConnections | undefined;
  /** To be called with every stream that has ended on this node. */
  ended(header: StreamHeader): void;
  close(): Promise<void>;
}

/** Conversations, as the configuration has them: shared through Redis where there is one, kept where there is a database. */
export async function openConversations(options: OpenConversationsOptions): Promise<OpenConversations> {
  const { database, journal, live, metrics, logger } = options;
  let lastError = 0;
  const onError = (err: unknown) => {
    if (Date.now() - lastError < ERROR_MILLISECONDS) return;
    lastError = Date.now();
    logger.warn({ err }, 'conversation not stored yet');
  };
  const { redis: config } = live.current;
  // That Redis is away the journal says, which looks more often.
  const redis = config && (await RedisConnections.create(config, () => {}));
  const log = redis ? new RedisLog(redis) : new MemoryLog();
  const store = database && new ConversationStore(database);
  const onStored = () => metrics.of.turnsStored.inc();
  const recorder = new Recorder({ log, journal, store, onStored, onError });
  const conversations = new Conversations({
    ...{ log, journal, recorder, store, onError },
    start: options.start,
    storedSeconds: () => live.current.streams.storedSeconds,
  });

  let sweeping: Promise<void> | undefined;
  let closed = false;
  const sweep = (): void => {
    if (closed || (database && !database.available)) return;
    sweeping ??= recorder
      .sweep(options.leads())
      .then((waiting) => metrics.of.turnsWaiting.set(waiting), onError)
      .finally(() => {
        sweeping = undefined;
      });
  };
  database?.onAvailable(sweep);
  const timer = setInterval(sweep, SWEEP_MILLISECONDS).unref();
  return {
    conversations,
    log,
    store,
    redis,
    ended: (header) => recorder.ended(header),
    async close() {
      closed = true;
      clearInterval(timer);
      await sweeping;
      await recorder.idle();
      log.close();
    },
  };
}
