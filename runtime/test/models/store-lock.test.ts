import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { StoreLock } from '../../src/models/store-lock.js';
import { eventually } from '../support/cluster.js';

const TIMES = { beat: 40, stale: 300, poll: 10 };

describe('the lock on a shared folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polypod-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const acquire = (onWait?: (holder: { host: string; note: unknown }) => void) =>
    StoreLock.acquire(folder, {
      times: TIMES,
      signal: new AbortController().signal,
      isDone: async () => false,
      ...(onWait && { onWait }),
    });
  const held = async (): Promise<StoreLock> => {
    const lock = await acquire();
    assert.ok(lock);
    return lock;
  };
  const elsewhere = { owner: 'x', host: 'other-node', pid: 1, processes: '', beat: 1, released: false };

  it('is held by one at a time, each of many in turn', async () => {
    let inside = 0;
    let turns = 0;
    const work = async () => {
      const lock = await held();
      assert.equal(++inside, 1);
      await sleep(5);
      turns++;
      inside--;
      await lock.release();
    };
    await Promise.all(Array.from({ length: 12 }, work));
    assert.equal(turns, 12);
    assert.equal((await readdir(folder)).length, 1, 'old locks are cleared away');
  });

  it('tells those who wait what the holder has got done', async () => {
    const lock = await held();
    lock.note = { receivedBytes: 7 };
    const notes: unknown[] = [];
    const waiting = acquire(({ note }) => notes.push(note));
    await eventually(() => isDeepStrictEqual(notes.at(-1), { receivedBytes: 7 }), 'the note');
    await lock.release();
    await (await waiting)?.release();
  });

  it('stays with a holder that gives signs of life, however long', async () => {
    const lock = await held();
    let taken = false;
    const waiting = acquire().then((next) => {
      taken = true;
      return next;
    });
    await sleep(2 * TIMES.stale);
    assert.equal(taken, false);
    await lock.release();
    await (await waiting)?.release();
  });

  it('is taken over from a holder on another node that gives none', async () => {
    await writeFile(join(folder, 'lock.7'), JSON.stringify(elsewhere));
    const begun = performance.now();
    const lock = await held();
    assert.ok(performance.now() - begun >= TIMES.stale);
    assert.deepEqual(await readdir(folder), ['lock.8']);
    await lock.release();
  });

  it('is taken over by one of many who wait', async () => {
    await writeFile(join(folder, 'lock.1'), JSON.stringify(elsewhere));
    let inside = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const lock = await held();
        assert.equal(++inside, 1);
        await sleep(5);
        inside--;
        await lock.release();
      }),
    );
  });

  it('is taken over from a holder that died before it wrote its name', async () => {
    await writeFile(join(folder, 'lock.1'), '');
    await (await held()).release();
  });

  it('tells a holder that it has lost, before it publishes anything', async () => {
    const lock = await held();
    await writeFile(join(folder, 'lock.2'), JSON.stringify(elsewhere));
    await assert.rejects(lock.check(), /lost: another process has taken over/);
    assert.equal(lock.lost.aborted, true);
    await lock.release();
    assert.deepEqual((await readdir(folder)).sort(), ['lock.1', 'lock.2']);
  });

  it('is not waited for once it is not needed', async () => {
    const lock = await held();
    let done = false;
    const waiting = StoreLock.acquire(folder, {
      times: TIMES,
      signal: new AbortController().signal,
      isDone: async () => done,
    });
    done = true;
    assert.equal(await waiting, undefined);
    await lock.release();
  });
});
