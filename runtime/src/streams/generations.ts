import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../engine/engine.js';
import { EngineError } from '../engine/engine-error.js';
import type { GenerationEvent } from '../engine/generation.js';
import {
  type JournalEntry,
  StreamCancelled,
  StreamFenced,
  type StreamHeader,
  type StreamJournal,
  type StreamOutcome,
  StreamTooLarge,
  type StreamWriter,
} from './journal.js';

/** Finds the engine of a model; throws an `EngineError` when this node has none. */
export type EngineOf = (model: string) => Engine;

/** Takeovers in a row without a token, after which a stream is given up. */
const FRUITLESS_TAKEOVERS = 5;

const HAND_OVER_MILLISECONDS = 3_000;

/** The node gives its streams to others. */
class HandedOver extends Error {}

interface Starting {
  readonly begun: Promise<void>;
  readonly abort: AbortController;
  /** Who has asked for it, and has not left. */
  waiters: number;
}

interface Running {
  readonly model: string;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Runs generations into the journal. Who wants to see one reads it there; a slow reader holds nobody up. */
export class Generations {
  private readonly running = new Map<string, Running>();
  /** Streams whose choices wait for their places. */
  private readonly starting = new Map<string, Starting>();

  constructor(
    private readonly engineOf: (model: string) => Pick<Engine, 'generate'>,
    private readonly journal: StreamJournal,
    private readonly onError: (error: unknown) => void,
    /** A stream has come to its end here, and all of it can be read. */
    private readonly onEnd: (header: StreamHeader) => void = () => {},
  ) {}

  /**
   * Starts all choices of a stream. Resolves once each has its place, before the first token; rejects, and leaves
   * nothing behind, if any is refused. A stream that is there already, or is just being started, is not started twice.
   * One that has not begun when all who asked for it have gone gives its place in the queue back.
   */
  async start(header: StreamHeader, gone?: AbortSignal): Promise<void> {
    const { id } = header;
    if (this.running.has(id)) return;
    const starting = this.starting.get(id) ?? this.startOnce(header);
    starting.waiters++;
    const leave = () => {
      if (--starting.waiters === 0)
        starting.abort.abort(new StreamCancelled('Nobody waits for it any more.'));
    };
    gone?.addEventListener('abort', leave);
    if (gone?.aborted) leave();
    try {
      await starting.begun;
    } finally {
      gone?.removeEventListener('abort', leave);
    }
  }

  private startOnce(header: StreamHeader): Starting {
    const abort = new AbortController();
    const begun = this.begin(header, abort).finally(() => this.starting.delete(header.id));
    const starting = { begun, abort, waiters: 0 };
    this.starting.set(header.id, starting);
    return starting;
  }

  private async begin(header: StreamHeader, abort: AbortController): Promise<void> {
    const engine = this.engineOf(header.model);
    const choices = header.requests.map((request) =>
      engine.generate(request, abort.signal)[Symbol.asyncIterator](),
    );
    const leave = async () => {
      abort.abort();
      await Promise.all(choices.map((each) => each.return?.().catch(() => undefined)));
    };
    const started = await Promise.allSettled(choices.map((choice) => choice.next()));
    const first: JournalEntry[] = [];
    for (const [choice, result] of started.entries()) {
      if (result.status === 'rejected' || result.value.done) {
        await leave();
        throw result.status === 'rejected' ? result.reason : new Error('the engine ended without an event');
      }
      first.push({ type: 'event', choice, event: result.value.value });
    }
    const writer = await this.journal.create(header);
    if (!writer) return leave();
    writer.append(first);
    this.run(header, choices, writer, abort);
  }

  /** Goes on with a stream whose node is lost, from the tokens that its journal holds; `false` if another one does. */
  async takeOver(id: string): Promise<boolean> {
    const taken = await this.journal.takeOver(id);
    if (!taken) return false;
    const { header, writer, entries, attempts } = taken;
    if (attempts >= FRUITLESS_TAKEOVERS) {
      writer.append([
        failure('server_error', `${attempts} nodes in a row failed to go on with this stream.`),
      ]);
      await writer.written();
      this.onEnd(header);
      return true;
    }
    const abort = new AbortController();
    const choices = header.requests.map((request, choice) => {
      const events = entries.flatMap((entry) =>
        entry.type === 'event' && entry.choice === choice ? [entry.event] : [],
      );
      if (events.at(-1)?.type === 'finished') return nothing();
      const resume = events.flatMap((event) => (event.type === 'delta' ? event.tokens : []));
      const resumeText = events.map((event) => (event.type === 'delta' ? event.text : '')).join('');
      const resumed = { ...request, resume, resumeText };
      const rest = () => this.engineOf(header.model).generate(resumed, abort.signal);
      return events.length > 0 ? withoutStart(rest) : later(rest);
    });
    this.run(header, choices, writer, abort);
    return true;
  }

  /** Ends a stream with which no node can go on. */
  async giveUp(id: string): Promise<void> {
    const taken = await this.journal.takeOver(id);
    if (!taken) return;
    taken.writer.append([
      failure('model_unavailable', 'No node that serves the model could go on with this stream.'),
    ]);
    await taken.writer.written();
    this.onEnd(taken.header);
  }

  /** Streams that run on this node. */
  get ids(): readonly string[] {
    return [...this.running.keys()];
  }

  /**
   * Stops all streams, of one model or of all, between two tokens and leaves them to other nodes; those that live in
   * this process only run on. Resolves when the others can be taken, or the journal does not answer: their lease ends
   * by itself then.
   */
  async handOver(only?: string): Promise<void> {
    const handedOver = [...this.running].map(([id, { model, abort, done }]) => {
      if (!this.journal.isDurable(id) || (only !== undefined && model !== only)) return undefined;
      abort.abort(new HandedOver());
      return done;
    });
    await Promise.race([Promise.all(handedOver), sleep(HAND_OVER_MILLISECONDS, undefined, { ref: false })]);
  }

  private run(
    header: StreamHeader,
    choices: AsyncIterator<GenerationEvent>[],
    writer: StreamWriter,
    abort: AbortController,
  ): void {
    const { id } = header;
    const done = this.pump(choices, writer, abort)
      .then((ended) => {
        if (ended) this.onEnd(header);
      })
      .finally(() => {
        if (this.running.get(id)?.done === done) this.running.delete(id);
      });
    this.running.set(id, { model: header.model, abort, done });
  }

  private async pump(
    choices: AsyncIterator<GenerationEvent>[],
    writer: StreamWriter,
    abort: AbortController,
  ): Promise<boolean> {
    let ended = true;
    const stop = () => abort.abort(writer.stop.reason);
    writer.stop.addEventListener('abort', stop);
    if (writer.stop.aborted) stop();
    try {
      await Promise.all(choices.map((events, choice) => copy(events, choice, writer)));
      writer.append([end({ status: 'completed' })]);
    } catch (error) {
      abort.abort();
      const reason = abort.signal.reason instanceof HandedOver ? abort.signal.reason : error;
      ended = await this.endEarly(reason, writer);
    } finally {
      writer.stop.removeEventListener('abort', stop);
    }
    await writer.written();
    return ended;
  }

  /** Writes why a stream ended early; `false` if another node goes on with it. */
  private async endEarly(error: unknown, writer: StreamWriter): Promise<boolean> {
    try {
      if (error instanceof HandedOver) {
        await writer.release(true);
        return false;
      }
      if (error instanceof StreamCancelled) {
        writer.append([end({ status: 'cancelled' })]);
      } else if (error instanceof StreamTooLarge) {
        writer.append([failure('stream_too_large', error.message)]);
      } else if (error instanceof EngineError) {
        if (await leaveToOthers(error, writer)) return false;
        writer.append([failure(error.code, error.message)]);
      } else {
        if (error instanceof StreamFenced) return false;
        this.onError(error);
        writer.append([failure('server_error', 'The server had an error.')]);
      }
      return true;
    } catch (again) {
      if (!(again instanceof StreamFenced)) this.onError(again);
      return false;
    }
  }
}

/** Where this node can't go on, another may. */
async function leaveToOthers({ code }: EngineError, writer: StreamWriter): Promise<boolean> {
  return (code === 'overloaded' || code === 'unavailable') && writer.release(code === 'overloaded');
}

async function copy(
  events: AsyncIterator<GenerationEvent>,
  choice: number,
  writer: StreamWriter,
): Promise<void> {
  for (let next = await events.next(); !next.done; next = await events.next()) {
    writer.append([{ type: 'event', choice, event: next.value }]);
  }
}

function end(outcome: StreamOutcome): JournalEntry {
  return { type: 'end', at: Math.floor(Date.now() / 1000), outcome };
}

function failure(code: string, message: string): JournalEntry {
  return end({ status: 'failed', code, message });
}

async function* nothing(): AsyncGenerator<GenerationEvent> {}

/** Nothing is asked, and nothing thrown, before the first event is. */
async function* later(events: () => AsyncIterable<GenerationEvent>): AsyncGenerator<GenerationEvent> {
  yield* events();
}

async function* withoutStart(events: () => AsyncIterable<GenerationEvent>): AsyncGenerator<GenerationEvent> {
  for await (const event of events()) if (event.type !== 'started') yield event;
}
