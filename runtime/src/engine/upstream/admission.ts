import { EngineError } from '../engine-error.js';

/** Lets so many in at once, so many wait, and refuses the rest. */
export class Admission {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    readonly places: number,
    private readonly queue: number,
  ) {}

  get running(): number {
    return this.inside;
  }

  get queued(): number {
    return this.waiting.length;
  }

  /** Resolves with how to leave, once there is a place. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.inside < this.places) this.inside++;
    else if (this.waiting.length >= this.queue) {
      throw new EngineError(
        'overloaded',
        `All ${this.places} sequences run and ${this.queue} requests wait: try again later.`,
      );
    } else await this.wait(signal);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.inside--;
    };
  }

  private wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(enter);
    });
  }
}
