/** Share of a lease after which a node that could not reach Redis must not judge others. */
const LONG_GAP = 0.75;

/**
 * Whether this node's own signs of life come without a gap. After one, others may have had it too: they get the time of
 * a lease to show that they live.
 */
export class Steadiness {
  private last = performance.now();
  private since = performance.now();

  /** A sign of life has been given. */
  beat(leaseMilliseconds: number): void {
    const now = performance.now();
    if (now - this.last > leaseMilliseconds * LONG_GAP) this.since = now;
    this.last = now;
  }

  /** For a lease at least. */
  lasts(leaseMilliseconds: number): boolean {
    return this.last - this.since > leaseMilliseconds;
  }
}
