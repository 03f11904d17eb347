import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MILLISECONDS = 50;

/** Resolves once nothing is under way, or the time is over: `true` if it was enough. */
export async function whenIdle(isBusy: () => boolean, seconds: number): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  while (isBusy()) {
    if (performance.now() >= end) return false;
    await sleep(POLL_MILLISECONDS);
  }
  return true;
}
