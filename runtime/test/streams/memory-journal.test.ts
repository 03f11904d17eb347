import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JournalEntry, StreamGone, type StreamHeader } from '../../src/streams/journal.js';
import { MemoryJournal } from '../../src/streams/memory-journal.js';
import { never, textRequest } from '../support/models.js';

const header = (id: string): StreamHeader => ({
  id,
  kind: 'text_completion',
  created: 1,
  model: 'demo',
  requests: [textRequest('x')],
  rendering: {},
});
const entries = (text: string): JournalEntry[] => [
  { type: 'event', choice: 0, event: { type: 'delta', tokens: [1], text } },
  { type: 'end', at: 2, outcome: { status: 'completed' } },
];

async function read(journal: MemoryJournal, id: string): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for await (const batch of journal.read(id, never)) all.push(...batch);
  return all;
}

describe('finished streams in memory', () => {
  const journalOf = (limits: { maxStreams?: number; retainedBytes?: number }) =>
    new MemoryJournal(() => ({
      retentionSeconds: 60,
      abandonedSeconds: 60,
      maxBytes: 1e6,
      maxStreams: 1000,
      retainedBytes: 1e6,
      ...limits,
    }));
  const finish = async (journal: MemoryJournal, id: string, text: string) => {
    const writer = await journal.create(header(id));
    assert.ok(writer);
    writer.append(entries(text));
    return writer;
  };

  it('are read again as they were, by those who were reading and by those who come later', async () => {
    const journal = journalOf({});
    const writer = await journal.create(header('a'));
    assert.ok(writer);
    const early = read(journal, 'a');
    writer.append(entries('é\u{1F600}'));
    assert.deepEqual(await early, entries('é\u{1F600}'));
    assert.deepEqual(await read(journal, 'a'), entries('é\u{1F600}'));
    assert.deepEqual(await journal.header('a'), header('a'));
    assert.throws(() => writer.append(entries('more')));
    await journal.delete('a');
    await assert.rejects(journal.header('a'), { expired: false });
  });

  it('do not come back when they were deleted while they ran', async () => {
    const journal = journalOf({});
    const writer = await journal.create(header('a'));
    await journal.delete('a');
    writer?.append(entries('late'));
    await assert.rejects(journal.header('a'), StreamGone);
  });

  it('are dropped, the oldest first, beyond a number of streams or of bytes', async () => {
    for (const limits of [{ maxStreams: 2 }, { retainedBytes: 25_000 }]) {
      const journal = journalOf(limits);
      for (const id of ['a', 'b', 'c']) await finish(journal, id, id.repeat(10_000));
      await assert.rejects(
        journal.header('a'),
        (error: unknown) => error instanceof StreamGone && error.expired,
      );
      assert.deepEqual(await read(journal, 'c'), entries('c'.repeat(10_000)));
      assert.deepEqual(await read(journal, 'b'), entries('b'.repeat(10_000)));
    }
  });
});
