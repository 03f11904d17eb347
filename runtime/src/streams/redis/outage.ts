/** Whether Redis answers, and for how long it has not. */
export class Outage {
  private since: number | undefined;

  constructor(private readonly onChange: (away: boolean, error?: unknown) => void) {}

  get away(): boolean {
    return this.since !== undefined;
  }

  get seconds(): number {
    return this.since === undefined ? 0 : (performance.now() - this.since) / 1000;
  }

  failed(error: unknown): void {
    if (this.since !== undefined) return;
    this.since = performance.now();
    this.onChange(true, error);
  }

  over(): void {
    if (this.since === undefined) return;
    this.since = undefined;
    this.onChange(false);
  }
}
