import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Lane } from './lane.js';
import type { Outage } from './outage.js';
import type { RedisStream } from './redis-stream.js';

/** Streams in one script. */
const STREAMS = 64;
const RETRY_MILLISECONDS = 50;

/**
 * Writes what streams append: all that one step of the engine brought in one round trip, and while that is under way
 * collects for the next. What Redis did not take is sent again until it does.
 */
export class AppendQueue {
  private readonly waiting = new Set<RedisStream>();
  private running = false;

  constructor(
    private readonly lane: Lane,
    private readonly outage: Outage,
    private readonly onAnswer: (stream: RedisStream, answer: Answer) => Promise<void> | undefined,
    private readonly onFailure: () => void,
    private readonly onWrite: (seconds: number) => void,
  ) {}

  add(stream: RedisStream): void {
    this.waiting.add(stream);
    if (this.running) return;
    this.running = true;
    // A step's tokens arrive in one message; this runs after all of them are appended.
    setImmediate(() => void this.run());
  }

  remove(stream: RedisStream): void {
    this.waiting.delete(stream);
  }

  private async run(): Promise<void> {
    while (this.waiting.size > 0) {
      const streams = [...this.waiting].slice(0, STREAMS);
      for (const stream of streams) this.waiting.delete(stream);
      const start = performance.now();
      try {
        const answers = await this.lane.append(streams);
        this.onWrite((performance.now() - start) / 1000);
        this.outage.over();
        for (const [index, stream] of streams.entries()) {
          const repaired = this.onAnswer(stream, answers[index] ?? 'missing');
          if (repaired) await repaired;
          if (!stream.isWritten) this.waiting.add(stream);
        }
      } catch (error) {
        this.outage.failed(error);
        for (const stream of streams) if (!stream.isWritten) this.waiting.add(stream);
        this.onFailure();
        await sleep(RETRY_MILLISECONDS);
      }
    }
    this.running = false;
  }
}
