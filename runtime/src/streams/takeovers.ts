import type { Engine } from '../engine/engine.js';
import type { Generations } from './generations.js';
import { type Orphan, StreamGone, type StreamJournal } from './journal.js';

/** A node without a free place leaves a stream to others for so long, one where many wait for longer. */
const PATIENCE_SECONDS = { full: 0.4, crowded: 1 };

export interface TakeoverOptions {
  readonly generations: Generations;
  readonly journal: StreamJournal;
  /** The engine of a model; `undefined` where this node has none. */
  readonly engineOf: (model: string) => Engine | undefined;
  /** Whether it is for this node to end streams with which no other goes on. */
  readonly endsOrphans: () => boolean;
  /** After so many seconds without a node that goes on with it, a stream is ended. */
  readonly orphanedSeconds: () => number;
  readonly onTakeover: (id: string, seconds: number) => void;
  readonly onError: (error: unknown) => void;
}

/** Goes on with the streams of nodes that are lost. Every node watches; the journal lets one have each. */
export class Takeovers {
  private busy = false;
  private stopped = false;

  constructor(private readonly options: TakeoverOptions) {
    options.journal.onOrphans((orphans) => void this.considerAll(orphans));
  }

  /** The node takes no more streams: it is leaving. */
  stop(): void {
    this.stopped = true;
  }

  /** One after the other, so that each finds the room that the earlier ones have left. */
  private async considerAll(orphans: readonly Orphan[]): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (const orphan of orphans) if (!this.stopped) await this.consider(orphan);
    this.busy = false;
  }

  private async consider({ id, seconds }: Orphan): Promise<void> {
    const { generations, journal, engineOf, endsOrphans, orphanedSeconds, onTakeover, onError } =
      this.options;
    try {
      const { model } = await journal.header(id);
      if (hasRoom(engineOf(model), seconds)) {
        if (await generations.takeOver(id)) onTakeover(id, seconds);
      } else if (seconds > orphanedSeconds() && endsOrphans()) {
        await generations.giveUp(id);
      }
    } catch (error) {
      if (error instanceof StreamGone) await journal.takeOver(id).catch(() => undefined);
      else onError(error);
    }
  }
}

/** What has to wait for a place here may find one elsewhere at once; only if no node takes it, it waits here. */
function hasRoom(engine: Engine | undefined, orphanedFor: number): boolean {
  if (engine?.state.phase !== 'ready') return false;
  const { running, queued, sequences } = engine.load;
  if (running + queued < sequences || orphanedFor > PATIENCE_SECONDS.crowded) return true;
  return running + queued < sequences * 2 && orphanedFor > PATIENCE_SECONDS.full;
}
