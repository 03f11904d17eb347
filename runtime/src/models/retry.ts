import { setTimeout as sleep } from 'node:timers/promises';
import { TransferError } from './transfer-error.js';

export interface RetryOptions {
  /** Attempts in a row without any progress until it is given up. */
  readonly attempts: number;
  readonly signal: AbortSignal;
  /** Told of each failure that is tried again. */
  readonly onNotice: (text: string) => void;
  /** Milliseconds before the second attempt; doubled each time. */
  readonly firstWait?: number;
}

const LONGEST_WAIT = 30_000;
/** A server that asks for more patience than this is not waited for. */
const LONGEST_RETRY_AFTER = 300;

/** Tries until it succeeds, fails for good, or fails so often in a row without progress. */
export async function retry<Value>(
  attempt: (progressed: () => void) => Promise<Value>,
  { attempts, signal, onNotice, firstWait = 1_000 }: RetryOptions,
): Promise<Value> {
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      signal.throwIfAborted();
      failures++;
      if (!(error instanceof TransferError) || !error.passes || failures >= attempts) throw error;
      if ((error.retryAfter ?? 0) > LONGEST_RETRY_AFTER) throw error;
      // Between half and the whole, so that nodes that failed together do not come back together.
      const backoff = Math.min(firstWait * 2 ** (failures - 1), LONGEST_WAIT) * (0.5 + Math.random() / 2);
      const wait = Math.max(backoff, (error.retryAfter ?? 0) * 1000);
      onNotice(
        `${error.message.replace(/[^.]$/, '$&.')} Trying again in ${(wait / 1000).toFixed(1)} s (${failures} of ${attempts}).`,
      );
      await sleep(wait, undefined, { signal });
    }
  }
}
