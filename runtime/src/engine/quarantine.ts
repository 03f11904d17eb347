export interface QuarantineOptions {
  readonly failures: number;
  readonly windowSeconds: number;
  readonly cooldownSeconds: number;
}

const LONGEST_COOLDOWN_SECONDS = 3600;

/** When a model that keeps failing is given a rest, and how long a one. */
export class Quarantine {
  /** Why; `undefined` while it is not quarantined. */
  reason: string | undefined;
  private failures: number[] = [];
  private until = 0;
  /** Quarantines of late, each of which doubles the next one. */
  private repeats = 0;

  constructor(private readonly options: QuarantineOptions) {}

  /** Seconds that are left, 0 if it may be tried again; `undefined` while it is not quarantined. */
  get seconds(): number | undefined {
    if (this.reason === undefined) return undefined;
    return Math.max(0, (this.until - performance.now()) / 1000);
  }

  /** Counts a failure; `true` if it was one too many. */
  count(): boolean {
    const now = performance.now();
    const { windowSeconds, failures } = this.options;
    this.failures = this.failures.filter((at) => now - at < windowSeconds * 1000);
    if (this.failures.length === 0 && now - this.until > windowSeconds * 1000) this.repeats = 0;
    this.failures.push(now);
    return this.failures.length >= failures;
  }

  /** Returns for how many seconds. */
  begin(reason: string): number {
    const seconds = Math.min(this.options.cooldownSeconds * 2 ** this.repeats, LONGEST_COOLDOWN_SECONDS);
    this.reason = reason;
    this.repeats++;
    this.failures = [];
    this.until = performance.now() + seconds * 1000;
    return seconds;
  }

  end(): void {
    this.reason = undefined;
  }

  /** Ends the rest at once, and counts from the start again. */
  pardon(): void {
    this.repeats = 0;
    this.until = performance.now();
  }
}
