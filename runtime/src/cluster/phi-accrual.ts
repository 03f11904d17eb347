/** Intervals that count: the detector follows what is usual of late. */
const WINDOW = 100;
/** Of a steady heartbeat, even small delays would be sensational: no deviation counts as smaller than this share. */
const LEAST_DEVIATION = 0.5;

/**
 * How surprising a silence is, after Hayashibara's φ accrual failure detector: the distances between signs of life are
 * taken for normally distributed, and φ is −log₁₀ of the chance that the next one comes even later than now. Times are
 * in milliseconds, of any clock that does not jump.
 */
export class PhiAccrual {
  private readonly intervals: number[] = [];

  /** `expected`: milliseconds between two signs of life, until there is experience. */
  constructor(
    private readonly expected: number,
    private last: number,
  ) {}

  /** When the last sign of life came. */
  get lastHeard(): number {
    return this.last;
  }

  /** A sign of life. */
  heard(at: number): void {
    if (at <= this.last) return;
    this.intervals.push(at - this.last);
    if (this.intervals.length > WINDOW) this.intervals.shift();
    this.last = at;
  }

  /** Leaves out of the account a time in which the observer itself was not there. */
  forgive(milliseconds: number, now: number): void {
    this.last = Math.min(now, this.last + milliseconds);
  }

  phi(now: number): number {
    const { mean, deviation } = this.usual();
    return phiOf(now - this.last, mean, deviation);
  }

  private usual(): { mean: number; deviation: number } {
    const { intervals, expected } = this;
    // What is expected counts as two experiences, so that the first ones don't decide alone.
    const all = [expected, expected, ...intervals];
    const mean = all.reduce((sum, interval) => sum + interval, 0) / all.length;
    const variance = all.reduce((sum, interval) => sum + (interval - mean) ** 2, 0) / all.length;
    return { mean, deviation: Math.max(Math.sqrt(variance), expected * LEAST_DEVIATION) };
  }
}

/** The normal distribution's tail, by its logistic approximation; from φ 16 on the tail itself is too small for numbers. */
function phiOf(elapsed: number, mean: number, deviation: number): number {
  const y = (elapsed - mean) / deviation;
  const exponent = y * (1.5976 + 0.070566 * y * y);
  // −log₁₀(1 / (1 + eˣ)), without overflow.
  return exponent > 30 ? exponent / Math.LN10 : Math.log1p(Math.exp(exponent)) / Math.LN10;
}
