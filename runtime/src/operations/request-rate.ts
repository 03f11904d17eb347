/** Who is remembered; those who have been away for longest are forgotten. */
const REMEMBERED = 20_000;

export interface RateDecision {
  readonly isAllowed: boolean;
  /** Requests that would be allowed right after this one. */
  readonly remaining: number;
  /** Seconds until the next one is allowed. */
  readonly retrySeconds: number;
  /** Seconds until all are allowed again. */
  readonly resetSeconds: number;
}

/**
 * Limits how often each caller may come: a minute's worth at once, and then as they come back, evenly (the generic cell
 * rate algorithm). Unlike counts in windows of a minute it knows no moment at which twice as many get through.
 */
export class RequestRate {
  /** When a caller, coming evenly, would have made the requests so far, in milliseconds. The latest to come is last. */
  private readonly due = new Map<string, number>();

  take(caller: string, perMinute: number, now = performance.now()): RateDecision {
    const interval = 60_000 / perMinute;
    const due = Math.max(now, this.due.get(caller) ?? now);
    const ahead = due - now + interval;
    // What fractions of milliseconds add up to is no reason to refuse.
    const isAllowed = ahead <= 60_000 + 1;
    if (isAllowed) this.remember(caller, due + interval);
    const used = isAllowed ? ahead : due - now;
    return {
      isAllowed,
      remaining: Math.max(0, Math.floor((60_000 + 1 - used) / interval)),
      retrySeconds: Math.max(0, Math.ceil((used + interval - 60_000 - 1) / 1000)),
      resetSeconds: Math.ceil(used / 1000),
    };
  }

  private remember(caller: string, due: number): void {
    this.due.delete(caller);
    this.due.set(caller, due);
    if (this.due.size <= REMEMBERED) return;
    const [oldest] = this.due.keys();
    if (oldest !== undefined) this.due.delete(oldest);
  }
}
