import type { Answer } from './request';
import type { Streamed } from './stream';

/** What the clients do. */
export interface Plan {
  /** Base URL of the Service. */
  readonly url: string;
  readonly model: string;
  readonly mode: 'streams' | 'requests';
  /** Clients that ask at the same time. */
  readonly clients: number;
  /** Different questions. */
  readonly prompts: number;
  readonly maxTokens: number;
  /** Between two questions of one client. @default none */
  readonly pauseMilliseconds?: number;
}

/** What came of it. Times in milliseconds. */
export interface LoadResult {
  readonly ready: boolean;
  /** Answers that were asked for and ended. */
  readonly answered: number;
  /** Answers that failed, or were not what the undisturbed cluster said: the first few in words. */
  readonly failed: number;
  readonly faults: readonly string[];
  /** Streams that lost a word or an event, or had one twice. */
  readonly lostOrRepeated: number;
  readonly resumed: number;
  readonly refused: number;
  /** Longest silence of each stream that was silent for longer than {@link STALL_MILLISECONDS}. */
  readonly gaps: readonly number[];
}

/** Three times what a calm two-core machine shows between two tokens. */
const STALL_MILLISECONDS = 300;
const FAULTS_TOLD = 5;

export class Tally {
  ready = false;
  private answered = 0;
  private failed = 0;
  private lostOrRepeated = 0;
  private resumed = 0;
  private refused = 0;
  private readonly faults: string[] = [];
  private readonly gaps: number[] = [];

  stream({ text, ids, resumed, refused, gap, fault }: Streamed, expected: string): void {
    this.answered++;
    this.resumed += resumed;
    this.refused += refused;
    if (gap > STALL_MILLISECONDS) this.gaps.push(gap);
    if (fault !== undefined) {
      this.fail(fault);
      return;
    }
    if (text === expected && ids.every((id, index) => id === index)) return;
    this.lostOrRepeated++;
    this.fail(`wrong text or events [${ids.slice(0, 3)}…${ids.at(-1)}]: ${text.slice(0, 200)}`);
  }

  request({ status, text }: Answer, expected: string): void {
    this.answered++;
    if (status !== 200) this.fail(`${status} ${text.slice(0, 200)}`);
    else if (text !== expected) this.fail(`wrong text: ${text.slice(0, 200)}`);
  }

  private fail(fault: string): void {
    this.failed++;
    if (this.faults.length < FAULTS_TOLD) this.faults.push(fault);
  }

  result(): LoadResult {
    const { ready, answered, failed, faults, lostOrRepeated, resumed, refused, gaps } = this;
    return { ready, answered, failed, faults, lostOrRepeated, resumed, refused, gaps };
  }
}
