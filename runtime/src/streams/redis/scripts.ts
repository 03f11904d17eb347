import { Script } from '../../redis/script.js';

/**
 * What changes a stream in Redis. Every change is checked against the stream's epoch and owner in the script that
 * makes it, so that a node that was taken for dead can't write any more. All scripts can be sent again when their
 * answer is lost.
 *
 * Keys of a stream: `meta`, a hash (header, epoch, owner, n: number of entries, …); `entries`, a Redis Stream in which
 * entry number i has the id `i+1-0`; `known`, which outlives both. Keys of a lane: `leases`, a sorted set of running
 * streams by the time, in Redis's milliseconds, at which their owner counts as dead.
 */

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS leases meta known; ARGV id header epoch owner lease ttl knownTtl. → created | deleted | fenced: another writer's,
 * or one that has entries
 */
export const CREATE = new Script(`${NOW}
if redis.call('GET', KEYS[3]) == 'deleted' then return 'deleted' end
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'owner', 'n')
if meta[1] and (meta[1] ~= ARGV[3] or meta[2] ~= ARGV[4] or meta[3] ~= '0') then return 'fenced' end
if not meta[1] then
  redis.call('HSET', KEYS[2], 'header', ARGV[2], 'epoch', ARGV[3], 'owner', ARGV[4], 'n', 0, 'seen', now)
end
redis.call('PEXPIRE', KEYS[2], ARGV[6])
redis.call('SET', KEYS[3], 'created', 'PX', ARGV[7])
redis.call('ZADD', KEYS[1], now + ARGV[5], ARGV[1])
return 'created'
`);

/**
 * Entries of several streams, all that one step brought. KEYS leases, then meta entries a stream; ARGV a stream: id
 * epoch owner from ttl ended count entries… → a stream: {n, cancelled} | fenced | missing.
 * Entries that are there already are left as they are; `n` below `from` says that Redis has lost some.
 */
export const APPEND = new Script(`
local answers = {}
local at = 1
for key = 2, #KEYS, 2 do
  local from, count = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 6])
  local meta = redis.call('HMGET', KEYS[key], 'epoch', 'owner', 'n', 'cancelled')
  local answer
  if not meta[1] then answer = 'missing'
  elseif meta[1] ~= ARGV[at + 1] or meta[2] ~= ARGV[at + 2] then answer = 'fenced'
  else
    local n = tonumber(meta[3])
    if from <= n and from + count > n then
      for index = n - from + 1, count do
        redis.call('XADD', KEYS[key + 1], string.format('%d-0', from + index), 'e', ARGV[at + 6 + index])
      end
      if n == 0 then redis.call('PEXPIRE', KEYS[key + 1], ARGV[at + 4]) end
      n = from + count
      redis.call('HSET', KEYS[key], 'n', n)
    end
    if ARGV[at + 5] == '1' and n == from + count then
      redis.call('HSET', KEYS[key], 'ended', 1)
      redis.call('PEXPIRE', KEYS[key], ARGV[at + 4])
      redis.call('PEXPIRE', KEYS[key + 1], ARGV[at + 4])
      redis.call('ZREM', KEYS[1], ARGV[at])
    end
    answer = {n, meta[4] or '0'}
  end
  answers[#answers + 1] = answer
  at = at + 7 + count
end
return answers
`);

/**
 * A sign of life. KEYS leases, then meta entries a running stream, then meta a stream that is read here; ARGV lease
 * running, then id epoch owner ttl a running stream.
 * → {orphans: id, milliseconds overdue …}, {a running stream: {milliseconds since it was read elsewhere, cancelled} | fenced | missing}
 */
export const BEAT = new Script(`${NOW}
local answers = {}
local running = tonumber(ARGV[2])
for index = 0, running - 1 do
  local key, at = 2 + index * 2, 3 + index * 4
  local meta = redis.call('HMGET', KEYS[key], 'epoch', 'owner', 'cancelled', 'seen', 'ended')
  local answer
  if not meta[1] then answer = 'missing'
  elseif meta[1] ~= ARGV[at + 1] or meta[2] ~= ARGV[at + 2] then answer = 'fenced'
  else
    if not meta[5] then
      redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[at])
      redis.call('PEXPIRE', KEYS[key], ARGV[at + 3])
      redis.call('PEXPIRE', KEYS[key + 1], ARGV[at + 3])
    end
    answer = {now - (meta[4] or now), meta[3] or '0'}
  end
  answers[#answers + 1] = answer
end
for key = 2 + running * 2, #KEYS do
  if redis.call('EXISTS', KEYS[key]) == 1 then redis.call('HSET', KEYS[key], 'seen', now) end
end
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, 256)
for index = 2, #due, 2 do due[index] = now - due[index] end
return {due, answers}
`);

/**
 * Takes an orphan over. KEYS leases meta; ARGV id owner lease. → {epoch, takeovers in a row without a token} | held |
 * missing | ended
 */
export const TAKE_OVER = new Script(`${NOW}
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'ended', 'n', 'takenAt', 'attempts', 'handedOver')
if not meta[1] or meta[2] then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return meta[1] and 'ended' or 'missing'
end
local lease = redis.call('ZSCORE', KEYS[1], ARGV[1])
if lease and tonumber(lease) > now then return 'held' end
local attempts = 0
if meta[6] then redis.call('HDEL', KEYS[2], 'handedOver')
elseif meta[4] == meta[3] then attempts = tonumber(meta[5] or 0) + 1 end
local epoch = redis.call('HINCRBY', KEYS[2], 'epoch', 1)
redis.call('HSET', KEYS[2], 'owner', ARGV[2], 'takenAt', meta[3], 'attempts', attempts, 'seen', now)
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
return {epoch, attempts}
`);

/** Gives a stream up to whoever takes it. KEYS leases meta; ARGV id epoch owner handedOver. → 1 | 0 */
export const RELEASE = new Script(`${NOW}
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'owner', 'ended')
if meta[1] ~= ARGV[2] or meta[2] ~= ARGV[3] or meta[3] then return 0 end
redis.call('HSET', KEYS[2], 'owner', '')
if ARGV[4] == '1' then redis.call('HSET', KEYS[2], 'handedOver', 1) end
redis.call('ZADD', KEYS[1], now, ARGV[1])
return 1
`);

/** KEYS meta. → 1 | 0 if there is no such stream */
export const CANCEL = new Script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'cancelled', 1)
return 1
`);

/** KEYS leases meta entries known; ARGV id knownTtl. → 1 | 0 if there was no such stream */
export const DELETE = new Script(`
redis.call('SET', KEYS[4], 'deleted', 'PX', ARGV[2])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[3])
return redis.call('DEL', KEYS[2])
`);

/** KEYS leases meta known; ARGV id owner. */
export const WITHDRAW = new Script(`
local meta = redis.call('HMGET', KEYS[2], 'owner', 'n')
if meta[1] ~= ARGV[2] or meta[2] ~= '0' then return end
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('ZREM', KEYS[1], ARGV[1])
`);
