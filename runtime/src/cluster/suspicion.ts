import { PhiAccrual } from './phi-accrual.js';

export interface SuspicionOptions {
  readonly heartbeatSeconds: number;
  /** φ from which on a node is suspected. */
  readonly suspicion: number;
  readonly deadSeconds: number;
  readonly recoverySeconds: number;
}

export type Verdict = 'healthy' | 'suspected' | 'dead';

const LONGEST_RECOVERY_SECONDS = 60;
/** While it recovers, a silence counts against a node at this share of the φ at which others are suspected. */
const RESTLESS = 0.25;
/** A relapse within this time counts as one. */
const MEMORY_SECONDS = 600;

/**
 * What to think of one node, from its signs of life. It is suspected fast, and believed again slowly, the more slowly
 * the more often it has relapsed: work that moves to and fro costs more than a node that idles for some seconds.
 */
export class Suspicion {
  private readonly detector: PhiAccrual;
  private verdict: Verdict = 'healthy';
  private suspectedAt = 0;
  /** Since when it has behaved again. */
  private steadySince: number | undefined;
  private readonly relapses: number[] = [];

  /** `heardAt`: when its last sign of life came, as far as one knows. */
  constructor(
    private readonly options: SuspicionOptions,
    heardAt: number,
  ) {
    this.detector = new PhiAccrual(options.heartbeatSeconds * 1000, heardAt);
  }

  get lastHeard(): number {
    return this.detector.lastHeard;
  }

  heard(now: number): void {
    // The silence itself is no measure of what is usual.
    if (this.verdict === 'healthy') this.detector.heard(now);
    else this.detector.forgive(Number.POSITIVE_INFINITY, now);
    this.steadySince ??= now;
  }

  forgive(milliseconds: number, now: number): void {
    this.detector.forgive(milliseconds, now);
  }

  phi(now: number): number {
    return this.detector.phi(now);
  }

  /** Nobody is there: its address refuses connections. */
  refused(now: number): void {
    if (this.verdict === 'healthy') this.suspect(now);
    this.steadySince = undefined;
  }

  /** Judges; call it about as often as signs of life come. */
  judge(now: number): Verdict {
    const { suspicion, deadSeconds } = this.options;
    const phi = this.phi(now);
    if (this.verdict === 'healthy') {
      if (phi >= suspicion) this.suspect(now);
      return this.verdict;
    }
    if (phi >= suspicion * RESTLESS) this.steadySince = undefined;
    if (this.steadySince === undefined) {
      if (now - this.suspectedAt >= deadSeconds * 1000) this.verdict = 'dead';
    } else {
      this.verdict = 'suspected';
      // Dying starts anew with the next silence.
      this.suspectedAt = now;
      if (now - this.steadySince >= this.recoveryMilliseconds(now)) this.verdict = 'healthy';
    }
    return this.verdict;
  }

  private suspect(now: number): void {
    this.verdict = 'suspected';
    this.suspectedAt = now;
    this.steadySince = undefined;
    this.relapses.push(now);
  }

  private recoveryMilliseconds(now: number): number {
    while (this.relapses[0] !== undefined && now - this.relapses[0] > MEMORY_SECONDS * 1000)
      this.relapses.shift();
    const factor = 2 ** Math.max(0, this.relapses.length - 1);
    return Math.min(this.options.recoverySeconds * factor, LONGEST_RECOVERY_SECONDS) * 1000;
  }
}
