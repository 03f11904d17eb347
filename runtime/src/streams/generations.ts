import type { Engine } from '../engine/engine.js';
import { EngineError } from '../engine/engine-error.js';
import type { GenerationEvent } from '../engine/generation.js';
import {
  type JournalEntry,
  StreamFenced,
  type StreamHeader,
  type StreamJournal,
  type StreamWriter,
} from './journal.js';

/** Finds the engine of a model; throws an `EngineError` when this node has none. */
export type EngineOf = (model: string) => Engine;

/** Runs generations into the journal. Who wants to see one reads it there; a slow reader holds nobody up. */
export class Generations {
  private readonly running = new Map<string, AbortController>();

  constructor(
    private readonly engineOf: (model: string) => Pick<Engine, 'generate'>,
    private readonly journal: StreamJournal,
    private readonly onError: (error: unknown) => void,
  ) {}

  /**
   * Starts all choices of a stream. Resolves once each has its place, before the first token; rejects, and leaves
   * nothing behind, if any is refused.
   */
  async start(header: StreamHeader): Promise<void> {
    const abort = new AbortController();
    const engine = this.engineOf(header.model);
    const choices = header.requests.map((request) =>
      engine.generate(request, abort.signal)[Symbol.asyncIterator](),
    );
    const started = await Promise.allSettled(choices.map((choice) => choice.next()));
    const first: JournalEntry[] = [];
    for (const [choice, result] of started.entries()) {
      if (result.status === 'rejected' || result.value.done) {
        abort.abort();
        await Promise.all(choices.map((each) => each.return?.().catch(() => undefined)));
        throw result.status === 'rejected' ? result.reason : new Error('the engine ended without an event');
      }
      first.push({ type: 'event', choice, event: result.value.value });
    }
    const writer = await this.journal.create(header);
    await writer.append(first);
    void this.pump(header.id, choices, writer, abort);
  }

  /** Goes on with a stream whose engine is lost, from the tokens that its journal holds. */
  async takeOver(id: string): Promise<void> {
    const header = await this.journal.header(id);
    const { writer, entries } = await this.journal.takeOver(id);
    if (entries.at(-1)?.type === 'end') return;
    const abort = new AbortController();
    const engine = this.engineOf(header.model);
    const choices = header.requests.map((request, choice) => {
      const events = entries.flatMap((entry) =>
        entry.type === 'event' && entry.choice === choice ? [entry.event] : [],
      );
      if (events.at(-1)?.type === 'finished') return nothing();
      const resume = events.flatMap((event) => (event.type === 'delta' ? event.tokens : []));
      return withoutStart(engine.generate({ ...request, resume }, abort.signal));
    });
    void this.pump(id, choices, writer, abort);
  }

  /** Streams that run on this node. */
  get ids(): readonly string[] {
    return [...this.running.keys()];
  }

  private async pump(
    id: string,
    choices: AsyncIterator<GenerationEvent>[],
    writer: StreamWriter,
    abort: AbortController,
  ): Promise<void> {
    this.running.set(id, abort);
    const cancel = () => abort.abort();
    writer.cancelled.addEventListener('abort', cancel);
    if (writer.cancelled.aborted) cancel();
    try {
      await Promise.all(choices.map((events, choice) => this.copy(events, choice, writer)));
      await writer.append([{ type: 'end', outcome: { status: 'completed' } }]);
    } catch (error) {
      abort.abort();
      await this.end(error, writer);
    } finally {
      writer.cancelled.removeEventListener('abort', cancel);
      this.running.delete(id);
    }
  }

  private async copy(
    events: AsyncIterator<GenerationEvent>,
    choice: number,
    writer: StreamWriter,
  ): Promise<void> {
    for (let next = await events.next(); !next.done; next = await events.next()) {
      await writer.append([{ type: 'event', choice, event: next.value }]);
    }
  }

  /** Writes why a stream ended early. */
  private async end(error: unknown, writer: StreamWriter): Promise<void> {
    if (error instanceof StreamFenced) return;
    try {
      if (writer.cancelled.aborted) {
        await writer.append([{ type: 'end', outcome: { status: 'cancelled' } }]);
        return;
      }
      const code = error instanceof EngineError ? error.code : 'server_error';
      if (code === 'server_error') this.onError(error);
      const message = error instanceof EngineError ? error.message : 'The server had an error.';
      await writer.append([{ type: 'end', outcome: { status: 'failed', code, message } }]);
    } catch (failure) {
      if (!(failure instanceof StreamFenced)) this.onError(failure);
    }
  }
}

async function* nothing(): AsyncGenerator<GenerationEvent> {}

async function* withoutStart(events: AsyncIterable<GenerationEvent>): AsyncGenerator<GenerationEvent> {
  for await (const event of events) if (event.type !== 'started') yield event;
}
