import { StreamGone, type StreamHeader, type StreamJournal } from '../streams/journal.js';
import { answerIn } from './answer-chunks.js';
import type { ConversationLog } from './conversation-log.js';
import type { ConversationStore } from './conversation-store.js';
import { type Answer, LOST, type Turn } from './turn.js';

/** A turn whose stream is not there after so long has none: the node that began it is gone. */
const LOST_SECONDS = 60;
const PER_SWEEP = 500;

export interface RecorderOptions {
  readonly log: ConversationLog;
  readonly journal: Pick<StreamJournal, 'entries' | 'hasEnded' | 'header'>;
  /** `undefined` where no database is configured. */
  readonly store: ConversationStore | undefined;
  readonly onStored: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Brings turns from the streams' journal into the database. Each is stored once, whoever does it and however often:
 * by the node that begins it, by the one that ends its stream, and, if those could not, by {@link sweep}.
 */
export class Recorder {
  private readonly busy = new Set<Promise<unknown>>();

  constructor(private readonly options: RecorderOptions) {}

  /** Stores the question; the answer is under way. */
  async begun(turn: Turn): Promise<void> {
    const { store, onError } = this.options;
    await store?.record(turn).catch(onError);
  }

  /** To be called with every stream that has ended on this node. */
  ended({ turn }: StreamHeader): void {
    if (!turn) return;
    const settled = this.settle(turn)
      .catch(this.options.onError)
      .finally(() => this.busy.delete(settled));
    this.busy.add(settled);
  }

  /** Resolves when all streams that have ended here are stored, or could not be. */
  async idle(): Promise<void> {
    await Promise.all(this.busy);
  }

  /**
   * Stores what is not stored yet: what only this node knows of or, with `all`, what any node has left. Resolves with
   * the number of turns that still are not; throws while it can't.
   */
  async sweep(all: boolean): Promise<number> {
    const { log, store, journal, onError } = this.options;
    let waiting = 0;
    const turns = (await log.unsettled(all)).toSorted((a, b) => a.created - b.created);
    for (const turn of turns) {
      try {
        if (!(await this.settle(turn))) waiting++;
      } catch (error) {
        if (store && !store.isAvailable) throw error;
        onError(error);
        waiting++;
      }
    }
    if (!all) return waiting;
    for (const { message, stream } of (await store?.unfinished(LOST_SECONDS, PER_SWEEP)) ?? []) {
      try {
        const { turn } = await journal.header(stream);
        if (turn) await this.settle(turn);
      } catch (error) {
        if (!(error instanceof StreamGone)) throw error;
        await store?.giveUp(message);
      }
    }
    return waiting;
  }

  /** Stores a turn if its stream has ended. */
  private async settle(noted: Turn): Promise<boolean> {
    const { log, store, onStored } = this.options;
    const known = await this.look(noted);
    if (known === 'running') return false;
    if (known !== 'nothing') {
      await log.end(known.turn, known.answer);
      await store?.record(known.turn, known.answer);
      if (store) onStored();
    }
    await log.settle(noted);
    return true;
  }

  private async look(noted: Turn): Promise<{ turn: Turn; answer: Answer } | 'running' | 'nothing'> {
    const { journal, log } = this.options;
    try {
      const { turn = noted } = await journal.header(noted.stream);
      // Of what goes on, all would be read at every sweep.
      if (!(await journal.hasEnded(noted.stream))) return 'running';
      const answer = answerIn(await journal.entries(noted.stream));
      return answer ? { turn, answer } : 'running';
    } catch (error) {
      if (!(error instanceof StreamGone)) throw error;
      if (Date.now() / 1000 - noted.created < LOST_SECONDS) return 'running';
      const turns = (await log.get(noted.conversation))?.turns ?? [];
      const turn = turns.find(({ answer }) => answer === noted.answer);
      if (!turn) return 'nothing';
      return { turn, answer: turn.ended ?? { content: '', status: 'incomplete', reason: LOST } };
    }
  }
}
