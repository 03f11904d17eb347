import { setTimeout as sleep } from 'node:timers/promises';
import { checkGenerates } from '../check-generates.js';
import type {
  EmbeddingInput,
  EmbeddingResult,
  Engine,
  EngineLoad,
  EngineState,
  ModelDescription,
} from '../engine.js';
import { EngineError } from '../engine-error.js';
import type { GenerationEvent, GenerationRequest } from '../generation.js';
import { Admission } from './admission.js';
import { Answer } from './answer.js';
import {
  type PreparedPrompt,
  UpstreamAway,
  type UpstreamChunk,
  type UpstreamFacts,
  type UpstreamServer,
} from './upstream-server.js';

export interface UpstreamEngineOptions {
  /** The name that requests use, and the server, too. */
  readonly model: string;
  /** Tokens a sequence, where the server does not say. */
  readonly contextSize: number;
  /** Requests that the server gets at once. */
  readonly sequences: number;
  /** Requests that wait here; more are refused. */
  readonly queue: number;
  /** Milliseconds between two looks at a server. */
  readonly poll?: { readonly away: number; readonly ready: number };
}

/** Failures in a row, without a token between, after which a generation is given up. */
const FAILURES_PER_GENERATION = 3;
/** A server that is away for so long has lost its generations. */
const PATIENCE_MILLISECONDS = 10 * 60_000;
/** All servers take seeds below this. */
const SEEDS = 2 ** 31;
const POLL = { away: 1_000, ready: 5_000 };
/** Unanswered looks in a row after which a server counts as away: a busy one may be slow. */
const LOOKS = 3;

/** A model that a server beside the node serves: waits for it, limits what it gets, and goes on when it comes back. */
export class UpstreamEngine implements Engine {
  state: EngineState = { phase: 'starting', progress: 0 };
  description: ModelDescription | undefined;

  private facts: UpstreamFacts | undefined;
  private kvUsage = 0;
  private readonly admission: Admission;
  private readonly stopping = new AbortController();
  private readonly listeners: ((state: EngineState) => void)[] = [];
  private returning: Promise<void> | undefined;

  constructor(
    private readonly server: UpstreamServer,
    private readonly options: UpstreamEngineOptions,
  ) {
    this.admission = new Admission(options.sequences, options.queue);
  }

  get load(): EngineLoad {
    const { queued, running, places } = this.admission;
    return { queued, running, sequences: places, kvUsage: running > 0 ? this.kvUsage : 0 };
  }

  onState(listener: (state: EngineState) => void): void {
    this.listeners.push(listener);
  }

  /** Waits for the server however long it takes: how long is for a startup probe to say. */
  async start(): Promise<void> {
    try {
      await this.untilReady();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.setState({ phase: 'failed', reason });
      throw this.stopping.signal.aborted ? new EngineError('unavailable', 'The node is stopping.') : error;
    }
    void this.watch();
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
    // What is taken over was let in before, and waits for a server that is away.
    const facts = (request.resume && this.facts) ?? this.loaded();
    checkGenerates(this.options.model, facts.capabilities);
    this.server.check?.(request);
    const ending = new AbortController();
    const either = AbortSignal.any([signal, this.stopping.signal, ending.signal]);
    const leave = await this.admission.enter(either);
    try {
      yield* this.answer(request, facts, either);
    } catch (error) {
      signal.throwIfAborted();
      if (this.stopping.signal.aborted) throw new EngineError('unavailable', 'The node is stopping.');
      throw error;
    } finally {
      // Also an answer that was opened and never read is closed at the server.
      ending.abort();
      leave();
    }
  }

  async embed(inputs: readonly EmbeddingInput[], signal: AbortSignal): Promise<EmbeddingResult> {
    this.loaded();
    const leave = await this.admission.enter(signal);
    try {
      return await this.server.embed(inputs, AbortSignal.any([signal, this.stopping.signal]));
    } catch (error) {
      throw error instanceof UpstreamAway ? new EngineError('unavailable', error.message) : error;
    } finally {
      leave();
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.server.close();
  }

  private async *answer(
    request: GenerationRequest,
    facts: UpstreamFacts,
    signal: AbortSignal,
  ): AsyncGenerator<GenerationEvent> {
    const { prepared, answer, chunks } = await this.begin(request, facts, signal);
    yield { type: 'started', promptTokens: prepared.promptTokens };
    if (answer.stopped) yield answer.finish('stop');
    let opened = chunks;
    let isTorn = false;
    for (let failures = 0; !answer.finished; ) {
      try {
        if (isTorn) answer.restart(await this.countOf(request, prepared, answer, signal));
        isTorn = false;
        opened ??= await this.open(request, prepared, answer, facts, signal);
        if (!opened) {
          yield answer.finish('length');
          return;
        }
        for await (const chunk of opened) {
          failures = 0;
          yield* answer.push(chunk);
          if (answer.finished) return;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof UpstreamAway)) throw error;
        if (++failures >= FAILURES_PER_GENERATION) throw new EngineError('unavailable', error.message);
        opened = undefined;
        isTorn = true;
        await this.untilBack(error.message, signal);
      }
    }
  }

  /** Everything that can still be refused with a status. */
  private async begin(request: GenerationRequest, facts: UpstreamFacts, signal: AbortSignal): Promise<Begun> {
    try {
      const prepared = await this.server.prepare(request, facts, signal);
      this.requireRoom(request, prepared);
      const answer = new Answer(request, facts, await this.resumed(request, prepared, signal));
      const chunks = answer.stopped ? undefined : await this.open(request, prepared, answer, facts, signal);
      return { prepared, answer, chunks };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UpstreamAway)) throw error;
      // What is taken over has no other place to go: it waits.
      if (request.resume === undefined) throw new EngineError('unavailable', error.message);
      await this.untilBack(error.message, signal);
      return this.begin(request, facts, signal);
    }
  }

  /** What the server sends from here on; `undefined` if there is no room for a token more. */
  private open(
    request: GenerationRequest,
    prepared: PreparedPrompt,
    answer: Answer,
    facts: UpstreamFacts,
    signal: AbortSignal,
  ): Promise<AsyncIterable<UpstreamChunk>> | undefined {
    const room = this.contextSize - prepared.promptTokens;
    const maxTokens = Math.min(request.maxTokens ?? room, room) - answer.count;
    // Servers draw anew with each request; with the same seed the draws would repeat.
    const seed = (Math.abs(request.sampling.seed) + answer.count) % SEEDS;
    if (maxTokens <= 0) return undefined;
    return this.server.open(request, prepared, answer, { maxTokens, seed }, facts, signal);
  }

  private async resumed(request: GenerationRequest, prepared: PreparedPrompt, signal: AbortSignal) {
    const { resume: tokens = [], resumeText = '' } = request;
    if (tokens.length === 0) return { tokens, text: '', count: 0 };
    const text = this.server.detokenize ? await this.server.detokenize(tokens, signal) : resumeText;
    const count = await this.countOf(request, prepared, { count: tokens.length, text }, signal);
    return { tokens, text, count };
  }

  /** Exact, also where tokens are not told. */
  private async countOf(
    request: GenerationRequest,
    prepared: PreparedPrompt,
    { count, text }: Pick<Answer, 'count' | 'text'>,
    signal: AbortSignal,
  ): Promise<number> {
    if (!this.server.count || text === '') return count;
    return this.server.count(request, prepared, text, signal);
  }

  private requireRoom({ prompt }: GenerationRequest, { promptTokens }: PreparedPrompt): void {
    if (promptTokens < this.contextSize) return;
    throw new EngineError(
      'context_length_exceeded',
      `The prompt has ${promptTokens} tokens; the model's context holds ${this.contextSize}, answer included.`,
      prompt.kind === 'chat' ? 'messages' : 'prompt',
    );
  }

  private get contextSize(): number {
    return this.description?.contextSize ?? this.options.contextSize;
  }

  private loaded(): UpstreamFacts {
    const { phase } = this.state;
    if (this.facts && phase === 'ready') return this.facts;
    const reason = phase === 'failed' || phase === 'restarting' ? `: ${this.state.reason}` : '';
    throw new EngineError('unavailable', `The model '${this.options.model}' is not loaded${reason}.`);
  }

  /** Waits until the server has its model loaded. Throws what no waiting mends. */
  private async untilReady(): Promise<void> {
    const { signal } = this.stopping;
    let provided = false;
    for (;;) {
      signal.throwIfAborted();
      try {
        if (!provided) await this.server.provide?.(signal);
        provided = true;
        const facts = await this.server.inspect(signal);
        this.facts = facts;
        this.description = {
          id: this.options.model,
          created: Math.floor(Date.now() / 1000),
          contextSize: facts.contextSize ?? this.options.contextSize,
          capabilities: facts.capabilities,
          resumesBy: this.server.resumesBy,
        };
        this.setState({ phase: 'ready' });
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof UpstreamAway)) throw error;
        await sleep((this.options.poll ?? POLL).away, undefined, { signal });
      }
    }
  }

  /** Waits for a server that was there. All who miss it wait for the same. */
  private async untilBack(reason: string, signal: AbortSignal): Promise<void> {
    this.returning ??= this.comeBack(reason).finally(() => {
      this.returning = undefined;
    });
    const tired = AbortSignal.timeout(PATIENCE_MILLISECONDS);
    await Promise.race([this.returning, aborted(AbortSignal.any([signal, tired]))]).catch(
      (error: unknown) => {
        throw tired.aborted ? new EngineError('unavailable', reason) : error;
      },
    );
  }

  private async comeBack(reason: string): Promise<void> {
    this.setState({ phase: 'restarting', reason, attempt: 1 });
    try {
      await this.untilReady();
    } catch (error) {
      if (this.stopping.signal.aborted) throw error;
      const why = error instanceof Error ? error.message : String(error);
      this.setState({ phase: 'failed', reason: why });
      throw new EngineError('unavailable', why);
    }
  }

  /** Looks after the server until the end. */
  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    const { ready } = this.options.poll ?? POLL;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await sleep(ready, undefined, { signal });
        await this.server.ping(AbortSignal.any([signal, AbortSignal.timeout(2 * ready)]));
        failures = 0;
        if (this.state.phase === 'failed')
          await this.untilBack(this.state.reason, signal).catch(() => undefined);
        this.kvUsage = (await this.server.kvUsage(signal).catch(() => undefined)) ?? this.kvUsageOfPlaces;
      } catch (error) {
        if (signal.aborted) return;
        if (++failures < LOOKS) continue;
        const reason = error instanceof Error ? error.message : String(error);
        await this.untilBack(reason, signal).catch(() => undefined);
        failures = 0;
      }
    }
  }

  /** The best guess where a server does not say. */
  private get kvUsageOfPlaces(): number {
    return this.admission.running / this.admission.places;
  }

  private setState(state: EngineState): void {
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
}

/** A generation that the server has taken. */
interface Begun {
  readonly prepared: PreparedPrompt;
  readonly answer: Answer;
  /** `undefined` if the answer is at its end already. */
  readonly chunks: AsyncIterable<UpstreamChunk> | undefined;
}

/** Rejects when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
