/** How long nodes may take to notice that Redis is back: time to connect, and the longest wait between attempts. */
const NOTICING_MILLISECONDS = 4_000;

/** Whether Redis answers, and for how long it has not. */
export class Outage {
  private since: number | undefined;
  private endedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly onChange: (away: boolean, error?: unknown) => void) {}

  get away(): boolean {
    return this.since !== undefined;
  }

  get seconds(): number {
    return this.since === undefined ? 0 : (performance.now() - this.since) / 1000;
  }

  /** If Redis answers, it is just back: what it has lost, others may still have to write again. */
  get isRecent(): boolean {
    return this.away || performance.now() - this.endedAt < NOTICING_MILLISECONDS;
  }

  failed(error: unknown): void {
    if (this.since !== undefined) return;
    this.since = performance.now();
    this.onChange(true, error);
  }

  over(): void {
    if (this.since === undefined) return;
    this.since = undefined;
    this.endedAt = performance.now();
    this.onChange(false);
  }
}
