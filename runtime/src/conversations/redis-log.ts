import type { RedisClient, RedisConnections } from '../redis/connection.js';
import { Script } from '../redis/script.js';
import {
  type ConversationLog,
  type ConversationNews,
  LOG_SECONDS,
  type LoggedConversation,
  type LoggedTurn,
  type NewsListener,
  type StoredConversation,
} from './conversation-log.js';
import { MemoryLog } from './memory-log.js';
import type { Answer, Turn } from './turn.js';

const CHANNEL = 'polypod:conversations';
/** A hash: stream id → turn. */
const PENDING = 'polypod:conversations:pending';
const PER_SCAN = 100;

/**
 * A conversation is a hash: owner, title, stored (JSON), last (number of the last turn), and for each turn
 * `turn:ANSWER` (number:JSON) and `ended:ANSWER` (JSON).
 *
 * KEYS conversation; ARGV answer turn owner title ttl stored lastTurn settled… → the turn, as it is kept
 */
const BEGIN = new Script(`
local field = 'turn:' .. ARGV[1]
local there = redis.call('HGET', KEYS[1], field)
if there then return there end
redis.call('HSETNX', KEYS[1], 'owner', ARGV[3])
redis.call('HSETNX', KEYS[1], 'title', ARGV[4])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'stored', ARGV[6]) end
for index = 8, #ARGV do redis.call('HDEL', KEYS[1], 'turn:' .. ARGV[index], 'ended:' .. ARGV[index]) end
local last = math.max(tonumber(redis.call('HGET', KEYS[1], 'last') or '0'), tonumber(ARGV[7])) + 1
local value = last .. ':' .. ARGV[2]
redis.call('HSET', KEYS[1], 'last', last, field, value)
redis.call('EXPIRE', KEYS[1], ARGV[5])
return value
`);

/** KEYS conversation; ARGV answer turn. → 1 | 0 if it is there, or the conversation was forgotten */
const KEEP = new Script(`
if redis.call('HEXISTS', KEYS[1], 'owner') == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 'turn:' .. ARGV[1], ARGV[2])
`);

/** KEYS conversation; ARGV answer json. Nothing is written to a conversation that was forgotten. */
const END = new Script(`
if redis.call('HEXISTS', KEYS[1], 'turn:' .. ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'ended:' .. ARGV[1], ARGV[2])
end
`);

/** The log of all nodes, in Redis. While Redis is away each node has one of its own. */
export class RedisLog implements ConversationLog {
  private readonly client: RedisClient;
  private readonly local = new MemoryLog();
  private readonly listeners: NewsListener[] = [];

  constructor(private readonly connections: RedisConnections) {
    this.client = connections.open();
    connections.subscribe(
      CHANNEL,
      (message) => this.tell(JSON.parse(message)),
      () => this.tell('missed'),
    );
    this.local.onNews((news) => this.tell(news));
  }

  async get(conversation: string): Promise<LoggedConversation | undefined> {
    const fields = await this.client.hgetall(keyOf(conversation)).catch(() => undefined);
    if (fields?.owner === undefined) return this.local.get(conversation);
    const turns: LoggedTurn[] = [];
    for (const [field, value] of Object.entries(fields)) {
      if (!field.startsWith('turn:')) continue;
      const ended = fields[field.replace('turn:', 'ended:')];
      turns.push({ ...parseTurn(value), ...(ended !== undefined && { ended: JSON.parse(ended) }) });
    }
    turns.sort((a, b) => a.number - b.number);
    const stored = JSON.parse(fields.stored ?? '[]');
    if (turns.length === 0 && stored.length === 0) return undefined;
    return { owner: fields.owner, title: fields.title ?? '', stored, turns };
  }

  async begin(turn: Omit<Turn, 'number'>, stored?: StoredConversation): Promise<LoggedTurn> {
    const text = JSON.stringify(turn);
    try {
      // Noted first: a turn that is noted for nothing does no harm.
      await this.client.hset(PENDING, turn.stream, `0:${text}`);
      const kept = await BEGIN.run(
        this.client,
        [keyOf(turn.conversation)],
        [
          turn.answer,
          text,
          turn.owner,
          turn.title,
          LOG_SECONDS,
          stored ? JSON.stringify(stored.messages) : '',
          stored?.lastTurn ?? 0,
          ...(stored?.settled ?? []),
        ],
      );
      return parseTurn(String(kept));
    } catch {
      return this.local.begin(turn, stored);
    }
  }

  async abandon(turn: Turn): Promise<void> {
    await this.local.abandon(turn);
    await this.client.hdel(PENDING, turn.stream).catch(() => undefined);
    await this.client.hdel(keyOf(turn.conversation), `turn:${turn.answer}`).catch(() => undefined);
  }

  async keep({ number, ...turn }: Turn): Promise<void> {
    const text = JSON.stringify(turn);
    try {
      const kept = await KEEP.run(
        this.client,
        [keyOf(turn.conversation)],
        [turn.answer, `${number}:${text}`],
      );
      if (kept === 1) await this.client.hset(PENDING, turn.stream, `0:${text}`);
    } catch {
      await this.local.keep({ number, ...turn });
    }
  }

  async end(turn: Turn, answer: Answer): Promise<void> {
    await this.local.end(turn, answer);
    await END.run(this.client, [keyOf(turn.conversation)], [turn.answer, JSON.stringify(answer)]).catch(
      () => undefined,
    );
  }

  async settle(turn: Turn): Promise<void> {
    await this.local.settle(turn);
    await this.client.hdel(PENDING, turn.stream).catch(() => undefined);
  }

  async unsettled(all: boolean): Promise<readonly Turn[]> {
    const turns = [...(await this.local.unsettled())];
    if (!all) return turns;
    let cursor = '0';
    do {
      const [next, found] = await this.client
        .hscan(PENDING, cursor, 'COUNT', PER_SCAN)
        .catch((): [string, string[]] => ['0', []]);
      cursor = next;
      for (let index = 1; index < found.length; index += 2) turns.push(parseTurn(found[index] ?? ''));
    } while (cursor !== '0');
    return turns;
  }

  async forget(conversation: string): Promise<void> {
    await this.local.forget(conversation);
    await this.client.del(keyOf(conversation)).catch(() => undefined);
  }

  async publish(news: ConversationNews): Promise<void> {
    await this.client.publish(CHANNEL, JSON.stringify(news)).catch(() => this.local.publish(news));
  }

  onNews(listener: NewsListener): void {
    this.listeners.push(listener);
  }

  close(): void {
    this.connections.close();
  }

  private tell(news: ConversationNews | 'missed'): void {
    for (const listener of this.listeners) listener(news);
  }
}

function keyOf(conversation: string): string {
  return `polypod:conversation:{${conversation}}`;
}

function parseTurn(value: string): LoggedTurn {
  const colon = value.indexOf(':');
  return { ...JSON.parse(value.slice(colon + 1)), number: Number(value.slice(0, colon)) };
}
