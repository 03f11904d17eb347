import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Engine } from '../../src/engine/engine.js';
import type { Orphan, StreamJournal } from '../../src/streams/journal.js';
import { Takeovers } from '../../src/streams/takeovers.js';

/** Which of ten orphans a node with 16 places takes. */
async function taken(load: { running: number; queued: number }, seconds: number): Promise<number> {
  let announce: (orphans: readonly Orphan[]) => void = () => {};
  const now = { ...load, sequences: 16 };
  const engine = { state: { phase: 'ready' }, load: now } as Engine;
  const journal = {
    header: async () => ({ model: 'demo' }),
    onOrphans(listener: typeof announce) {
      announce = listener;
    },
  } as unknown as StreamJournal;
  let count = 0;
  new Takeovers({
    generations: {
      async takeOver() {
        if (now.running < now.sequences) now.running++;
        else now.queued++;
        count++;
        return true;
      },
    } as unknown as ConstructorParameters<typeof Takeovers>[0]['generations'],
    journal,
    engineOf: () => engine,
    endsOrphans: () => false,
    orphanedSeconds: () => 60,
    onTakeover: () => {},
    onError: (error) => assert.fail(String(error)),
  });
  announce(Array.from({ length: 10 }, (_, index) => ({ id: String(index), seconds })));
  for (let index = 0; index < 100; index++) await turn();
  return count;
}

test('a node takes what has a place at once, then what may wait a little, at last what nobody else takes', async () => {
  assert.equal(await taken({ running: 10, queued: 0 }, 0.1), 6, 'free places');
  assert.equal(await taken({ running: 16, queued: 0 }, 0.1), 0, 'another node may have a place');
  assert.equal(
    await taken({ running: 16, queued: 12 }, 0.5),
    4,
    'no node has one, but here not too many wait',
  );
  assert.equal(await taken({ running: 16, queued: 30 }, 1.1), 10, 'nobody takes it');
});
