/**
 * Memory of a shared cache by seed 001, "Redis Sizing": 50 MB, 2 KB for each active session, 1 KB for each cached
 * setting. Its units are read as powers of ten.
 */
const BASE = 50e6;
const SESSION = 2e3;
const SETTING = 1e3;

/** Bytes that a cache of so many sessions and settings takes. */
export function cacheMemory(sessions: number, settings: number): number {
  return BASE + SESSION * sessions + SETTING * settings;
}

/** Sessions that fit into so many bytes beside so many settings. */
export function sessionsIn(bytes: number, settings: number): number {
  return Math.max(0, Math.floor((bytes - BASE - SETTING * settings) / SESSION));
}

/** What a cache holds, beside what it is asked to hold. */
export interface CacheMemoryPlan {
  /** Bytes of the cache. @default null: nobody says, since it exists already */
  readonly memory: number | null;
  /** Active sessions to hold. @default null: not said */
  readonly sessions: number | null;
  /** Cached settings to hold. */
  readonly settings: number;
  /** Bytes that those take. @default null: not said how many */
  readonly needed: number | null;
  /** Sessions that its memory holds beside the settings. */
  readonly holds: number | null;
  readonly verdict: 'fits' | 'exceeds' | 'unknown';
}

export function cacheMemoryPlan(
  memory: number | undefined,
  { sessions, settings = 0 }: { readonly sessions?: number; readonly settings?: number },
): CacheMemoryPlan {
  const needed = sessions === undefined ? null : cacheMemory(sessions, settings);
  const isKnown = needed !== null && memory !== undefined;
  return {
    memory: memory ?? null,
    sessions: sessions ?? null,
    settings,
    needed,
    holds: memory === undefined ? null : sessionsIn(memory, settings),
    verdict: isKnown ? (needed <= memory ? 'fits' : 'exceeds') : 'unknown',
  };
}
