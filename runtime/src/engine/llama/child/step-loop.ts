import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenLogprobs } from '../../generation.js';
import type { FromChild, StepEvent } from '../protocol.js';
import type { BatchPlanner } from './batch-planner.js';
import type { NativeContext } from './bindings.js';
import type { GenerationRun } from './generation-run.js';
import { refusal } from './refusal.js';
import { Sequence } from './sequences.js';
import type { LogprobReader } from './token-sampler.js';

export interface LoopOptions {
  readonly sequences: number;
  /** Cells a sequence. */
  readonly contextSize: number;
  readonly prefillChunk: number;
  /** 0: as fast as it goes. */
  readonly tokensPerSecond: number;
}

/** A loop that has work and sends nothing for long is taken for hung. */
const SIGN_MILLISECONDS = 1_000;

/**
 * Decodes all sequences in lock step: each step adds one token to every running sequence, in the batches that the
 * planner finds cheapest, then prefills at most one chunk's worth of waiting prompts. A prompt's chunks are decoded in
 * batches of their own, so that its cells do not depend on who else is running.
 */
export class StepLoop {
  private readonly sequences: Sequence[];
  private readonly queue: GenerationRun[] = [];
  private betweenSteps: { readonly id: number; readonly work: () => Promise<void> }[] = [];
  private events: StepEvent[] = [];
  /** Tokens whose text waits until the processor decodes again: making it would hold up the step. */
  private untold: { run: GenerationRun; token: number; logprobs: TokenLogprobs | undefined }[] = [];
  private wake: (() => void) | undefined;
  private stopped = false;
  private lastSign = 0;

  constructor(
    private readonly context: NativeContext,
    private readonly options: LoopOptions,
    private readonly planner: BatchPlanner,
    private readonly logprobs: LogprobReader,
    private readonly send: (message: FromChild) => void,
  ) {
    this.sequences = Array.from(
      { length: options.sequences },
      (_, index) => new Sequence(index, context, options.prefillChunk),
    );
  }

  /** Its place in the queue is behind all others; what goes on with an answer is before all that begin one. */
  add(run: GenerationRun): void {
    const first = run.replaying ? this.queue.findIndex(({ replaying }) => !replaying) : -1;
    this.queue.splice(first < 0 ? this.queue.length : first, 0, run);
    this.wake?.();
  }

  /** Frees the generation's place; its sequence is free for others from the next step on. Work of that id is left out. */
  cancel(id: number): void {
    const waiting = this.queue.findIndex((run) => run.id === id);
    if (waiting >= 0) this.queue.splice(waiting, 1);
    for (const { run } of this.sequences) if (run?.id === id) run.cancelled = true;
    this.betweenSteps = this.betweenSteps.filter((each) => each.id !== id);
    this.wake?.();
  }

  /** Runs work that needs the processor to itself, such as an embedding, after the current step. */
  between(id: number, work: () => Promise<void>): void {
    this.betweenSteps.push({ id, work });
    this.wake?.();
  }

  stop(): void {
    this.stopped = true;
    this.wake?.();
  }

  async run(): Promise<void> {
    while (!this.stopped) {
      this.releaseEnded();
      this.admit();
      const next = this.betweenSteps.shift();
      if (next) {
        await next.work();
        this.flush();
      }
      if (!next && this.sequences.every((sequence) => !sequence.run)) {
        this.flush();
        await this.something();
        continue;
      }
      const due = this.paced ? sleep(1000 / this.options.tokensPerSecond) : undefined;
      await this.decode();
      await this.prefill();
      if (due) {
        this.flush();
        await due;
      }
    }
  }

  /** What was sent before is not replayed at a pace to watch: somebody waits for what follows. */
  private get paced(): boolean {
    return this.options.tokensPerSecond > 0 && !this.sequences.some(({ run }) => run?.replaying);
  }

  /** Waits until there is work, or none ever again. */
  private async something(): Promise<void> {
    if (this.stopped || this.queue.length > 0 || this.betweenSteps.length > 0) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }

  private releaseEnded(): void {
    for (const sequence of this.sequences) {
      if (sequence.run?.finished || sequence.run?.cancelled) sequence.release();
    }
  }

  /** Gives waiting generations to free sequences: the one that holds most of the prompt, else the lowest. */
  private admit(): void {
    while (this.queue.length > 0) {
      const free = this.sequences.filter((sequence) => !sequence.run);
      if (free.length === 0) return;
      const run = this.queue.shift();
      if (!run) return;
      const reusable = free.map((sequence) => sequence.reusable(run.prompt));
      free[reusable.indexOf(Math.max(...reusable))]?.assign(run);
    }
  }

  /** One token for every sequence whose prompt is in. */
  private async decode(): Promise<void> {
    const active = this.sequences.map(
      ({ run }) => run?.pending !== undefined && !run.finished && !run.cancelled,
    );
    if (!active.includes(true)) return;
    for (const { from, to } of this.planner.plan(active)) {
      await this.decodeSegment(this.sequences.slice(from, to));
    }
  }

  private async decodeSegment(sequences: readonly Sequence[]): Promise<void> {
    const { contextSize } = this.options;
    const sampled: { run: GenerationRun; logits: number }[] = [];
    const padded: Sequence[] = [];
    this.context.initBatch(sequences.length);
    for (const sequence of sequences) {
      const { run } = sequence;
      if (run?.pending === undefined || run.finished) {
        sequence.pad(contextSize);
        padded.push(sequence);
        continue;
      }
      sampled.push({ run, logits: sequence.add(run.pending, !run.replaying) });
    }
    const decoded = this.context.decodeBatch();
    // The other thread decodes meanwhile.
    this.flush();
    await decoded;
    for (const sequence of padded) sequence.unpad();
    await Promise.all(sampled.map(({ run, logits }) => this.next(run, logits)));
  }

  private async prefill(): Promise<void> {
    const { prefillChunk } = this.options;
    let budget = prefillChunk;
    for (const sequence of this.sequences) {
      const { run } = sequence;
      if (!run || run.pending !== undefined || run.finished || run.cancelled) continue;
      const tokens = run.prompt.subarray(run.prefilled, run.prefilled + prefillChunk);
      if (tokens.length > budget) continue;
      budget -= tokens.length;
      const last = run.prefilled + tokens.length === run.prompt.length;
      this.context.initBatch(tokens.length);
      const logits = sequence.addChunk(tokens, last && !run.replaying);
      const decoded = this.context.decodeBatch();
      this.flush();
      await decoded;
      sequence.chunkDone();
      run.prefilled += tokens.length;
      if (last) await this.next(run, logits);
    }
  }

  /** Gets the run's next token: from what is replayed, or from the logits. */
  private async next(run: GenerationRun, logits: number): Promise<void> {
    if (run.cancelled) return;
    try {
      if (run.replaying) {
        run.replay();
        if (run.finished) this.events.push(run.end());
        return;
      }
      const token = await run.sampler.sample(this.context, logits, run.position);
      const { logprobs } = run.request;
      const report =
        logprobs !== undefined && token >= 0
          ? await this.logprobs.read(this.context, logits, token, logprobs)
          : undefined;
      run.take(token);
      if (run.endsByText) this.events.push(run.tell(token, report));
      else this.untold.push({ run, token, logprobs: report });
    } catch (error) {
      this.breakOff(run, error);
    }
  }

  /** What goes wrong with one sequence's tokens is nothing to the others. */
  private breakOff(run: GenerationRun, error: unknown): void {
    run.cancelled = true;
    this.send(refusal(run.id, error));
  }

  /** Sends what the last step brought, in one message; of a long prompt now and then that it goes on. */
  private flush(): void {
    for (const { run, token, logprobs } of this.untold) {
      try {
        this.events.push(run.tell(token, logprobs));
      } catch (error) {
        this.breakOff(run, error);
      }
    }
    this.untold = [];
    const now = performance.now();
    if (this.events.length === 0 && now - this.lastSign < SIGN_MILLISECONDS) return;
    this.lastSign = now;
    const used = this.sequences.reduce((sum, sequence) => sum + (sequence.run ? sequence.length : 0), 0);
    const kvUsage = used / (this.options.contextSize * this.options.sequences);
    this.send({ type: 'step', events: this.events, kvUsage });
    this.events = [];
  }
}
