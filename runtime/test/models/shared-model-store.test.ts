import assert from 'node:assert/strict';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  statfs,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { housekeeping } from '../../src/models/manifest.js';
import { INCOMING } from '../../src/models/model-download.js';
import type { FetchProgress, ModelReference } from '../../src/models/model-store.js';
import { SharedModelStore } from '../../src/models/shared-model-store.js';
import { COMMIT, sha256, someBytes, TestHub } from '../support/hub.js';

const MODEL = { source: 'hf:owner/repo/model.gguf' };
const content = someBytes(300_000);

describe('the model store', () => {
  let directory: string;
  let hub: TestHub;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    hub = await TestHub.start();
    hub.files.set('owner/repo/model.gguf', content);
  });
  afterEach(async () => {
    await hub.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const store = (more: { hubTokenFile?: string; attempts?: number; stallSeconds?: number } = {}) =>
    new SharedModelStore({
      directory,
      hubEndpoint: hub.endpoint,
      ...(more.hubTokenFile !== undefined && { hubTokenFile: more.hubTokenFile }),
      downloads: { attempts: more.attempts ?? 4, stallSeconds: more.stallSeconds ?? 5, parallel: 4 },
      firstWait: 10,
    });
  const pull = async (model: ModelReference = MODEL, more: Parameters<typeof store>[0] = {}) => {
    const notices: string[] = [];
    const progress: FetchProgress[] = [];
    const path = await store(more).pull(model, {
      signal: new AbortController().signal,
      onNotice: (text) => notices.push(text),
      onProgress: (each) => progress.push(each),
    });
    return { path, notices, progress };
  };
  const fetch = (model: ModelReference = MODEL) =>
    store().fetch(model, { signal: new AbortController().signal });

  describe('a model of the Hub', () => {
    it('is published where engines look for it, with a manifest, and fetched once', async () => {
      const { path, progress } = await pull();
      assert.equal(path, join(directory, 'hf/owner/repo/model.gguf'));
      assert.deepEqual(await readFile(path), content);
      assert.deepEqual(progress.at(-1), { phase: 'fetching', receivedBytes: 300_000, totalBytes: 300_000 });
      const { state, manifest } = await store().check(MODEL, { thorough: true });
      assert.equal(state, 'whole');
      assert.equal(manifest?.commit, COMMIT);
      assert.deepEqual(
        manifest?.files.map(({ bytes, sha256 }) => [bytes, sha256]),
        [[300_000, sha256(content)]],
      );
      const before = hub.received.length;
      assert.equal(await fetch(), path);
      assert.equal(hub.received.length, before, 'what is whole needs no request');
      const [folder = ''] = await readdir(join(directory, '.polypod'));
      assert.deepEqual((await readdir(join(directory, '.polypod', folder))).sort(), [
        'lock.1',
        'manifest.json',
      ]);
    });

    it('shows the token to the Hub alone', async () => {
      const hubTokenFile = join(directory, 'token');
      await writeFile(hubTokenFile, 'hf_secret\n');
      await pull(MODEL, { hubTokenFile });
      assert.deepEqual(
        hub.received.map(({ server, authorization }) => [server, authorization]),
        [
          ['hub', 'Bearer hf_secret'],
          ['cdn', undefined],
        ],
      );
    });

    it('is fetched with all its parts where it is split', async () => {
      for (const part of [1, 2, 3]) {
        hub.files.set(`owner/repo/big/m-0000${part}-of-00003.gguf`, someBytes(1000 * part, part));
      }
      const { path } = await pull({ source: 'hf:owner/repo/big/m-00001-of-00003.gguf' });
      assert.equal(path, join(directory, 'hf/owner/repo/big/m-00001-of-00003.gguf'));
      assert.equal((await stat(join(directory, 'hf/owner/repo/big/m-00003-of-00003.gguf'))).size, 3000);
    });

    it('is a whole repository, without second copies of the weights', async () => {
      const files = {
        'config.json': Buffer.from('{}'),
        'tokenizer.json': Buffer.from('{"a":1}'),
        '1_Pooling/config.json': Buffer.from('{"b":1}'),
        'model-00001-of-00002.safetensors': someBytes(5000, 2),
        'model-00002-of-00002.safetensors': someBytes(6000, 3),
        'consolidated.safetensors': someBytes(11_000, 4),
        'pytorch_model.bin': someBytes(11_000, 5),
        'original/consolidated.00.pth': someBytes(11_000, 6),
        '.gitattributes': Buffer.from('x'),
        'empty.txt': Buffer.alloc(0),
      };
      for (const [name, bytes] of Object.entries(files)) hub.files.set(`own/big/${name}`, bytes);
      const model = { source: 'hf:own/big', revision: 'v1.0' };
      const { path } = await pull(model);
      assert.equal(path, join(directory, 'hf/own/big'));
      assert.deepEqual((await readdir(path, { recursive: true })).sort(), [
        '1_Pooling',
        '1_Pooling/config.json',
        'config.json',
        'empty.txt',
        'model-00001-of-00002.safetensors',
        'model-00002-of-00002.safetensors',
        'tokenizer.json',
      ]);
      assert.equal((await store().check(model, { thorough: true })).state, 'whole');
      assert.equal((await store().check({ ...model, revision: COMMIT })).state, 'whole', 'the commit it was');
      assert.equal((await store().check({ ...model, revision: 'v2' })).state, 'missing');
    });

    it('is published without what an attempt at another revision has left', async () => {
      hub.files.set('own/big/old/part.safetensors', someBytes(50_000, 2));
      hub.files.set('own/big/taken.json', Buffer.from('{}'));
      hub.faults.push(({ server, path }, response) => {
        if (server !== 'cdn' || !path.includes('part')) return false;
        response.writeHead(200, { 'content-length': 50_000, etag: '"1"' });
        response.write(someBytes(1000, 2), () => setTimeout(() => response.destroy(), 20));
        return true;
      });
      const model = { source: 'hf:own/big' };
      await assert.rejects(pull({ ...model, revision: 'v1' }, { attempts: 1 }), { code: 'unavailable' });
      hub.files.delete('own/big/old/part.safetensors');
      hub.files.set('own/big/new/part.safetensors', someBytes(60_000, 3));
      hub.faults.length = 0;
      const { path } = await pull({ ...model, revision: 'v2' });
      assert.deepEqual((await readdir(path, { recursive: true })).sort(), [
        'new',
        'new/part.safetensors',
        'taken.json',
      ]);
    });

    it('refuses names in a repository that lead elsewhere', async () => {
      hub.files.set('own/evil/../../../../escape.json', Buffer.from('x'));
      await assert.rejects(pull({ source: 'hf:own/evil' }), {
        code: 'bad_model',
        message: /leads elsewhere/,
      });
    });

    it('goes over to another revision', async () => {
      await pull();
      const newer = someBytes(200_000, 9);
      hub.files.set('owner/repo/model.gguf', newer);
      const { path } = await pull({ ...MODEL, revision: 'v2' });
      assert.deepEqual(await readFile(path), newer);
    });
  });

  describe('a connection', () => {
    it('that breaks is gone on with where it broke', async () => {
      let breaks = 3;
      hub.faults.push(({ server, range }, response) => {
        if (server !== 'cdn' || breaks-- <= 0) return false;
        const start = Number(/\d+/.exec(range ?? '')?.[0] ?? 0);
        const end = start + 70_000;
        const status = start > 0 ? 206 : 200;
        response.writeHead(status, {
          etag: `"${sha256(content).slice(0, 32)}"`,
          'content-length': content.length - start,
          'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
        });
        response.write(content.subarray(start, end), () => setTimeout(() => response.destroy(), 50));
        return true;
      });
      const { path, notices } = await pull(MODEL, { attempts: 2 });
      assert.deepEqual(await readFile(path), content);
      const ranges = hub.received.filter(({ server }) => server === 'cdn').map(({ range }) => range);
      const [first, ...starts] = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0));
      assert.equal(first, 0);
      assert.equal(starts.length, 3);
      // What of it had arrived by then.
      let before = 0;
      for (const start of starts) {
        assert.ok(start > before && start <= before + 70_000, JSON.stringify(ranges));
        before = start;
      }
      assert.equal(notices.length, 3);
    });

    it('to a server that does not know ranges starts anew', async () => {
      await hub.stop();
      hub = await TestHub.start({ ranges: false });
      hub.files.set('owner/repo/model.gguf', content);
      let broken = false;
      hub.faults.push(({ server }, response) => {
        if (server !== 'cdn' || broken) return false;
        broken = true;
        response.writeHead(200, { 'content-length': content.length, etag: '"x"' });
        response.write(content.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
        return true;
      });
      const { path } = await pull();
      assert.deepEqual(await readFile(path), content);
    });

    it('does not go on with a file that has changed', async () => {
      const newer = someBytes(300_000, 7);
      hub.faults.push(({ server }, response) => {
        if (server !== 'cdn' || hub.files.get('owner/repo/model.gguf') === newer) return false;
        response.writeHead(200, { 'content-length': content.length, etag: '"old"' });
        response.write(content.subarray(0, 1000), () => {
          hub.files.set('owner/repo/model.gguf', newer);
          setTimeout(() => response.destroy(), 20);
        });
        return true;
      });
      const { path } = await pull();
      assert.deepEqual(await readFile(path), newer);
    });

    it('that hangs counts as broken', async () => {
      let hung = false;
      hub.faults.push(({ server }) => {
        if (server !== 'cdn' || hung) return false;
        hung = true;
        return true;
      });
      const { path, notices } = await pull(MODEL, { stallSeconds: 1 });
      assert.deepEqual(await readFile(path), content);
      assert.match(notices[0] ?? '', /broke off/);
    });

    for (const status of [429, 500, 503]) {
      it(`that is answered ${status} is tried again, when the server says`, async () => {
        let left = 2;
        hub.faults.push((_received, response) => {
          if (left-- <= 0) return false;
          response.writeHead(status, { 'retry-after': '0.2' }).end('busy');
          return true;
        });
        const begun = performance.now();
        const { path, notices } = await pull();
        assert.deepEqual(await readFile(path), content);
        assert.equal(notices.length, 2);
        assert.ok(performance.now() - begun >= 390, 'it waited as asked');
      });
    }

    it('is given up after as many attempts as configured', async () => {
      hub.faults.push((_received, response) => {
        response.writeHead(503).end();
        return true;
      });
      await assert.rejects(pull(), {
        code: 'unavailable',
        message: /hf:owner\/repo\/model\.gguf: .*answered 503/,
      });
      assert.equal(hub.received.length, 4);
    });

    for (const [name, status, headers, expected] of [
      ['401', 401, {}, /may not be read.*huggingFaceTokenFile/],
      ['403', 403, {}, /may not be read.*huggingFaceTokenFile/],
      ['a gated model', 403, { 'x-error-code': 'GatedRepo' }, /gated.*licence/],
      ['404', 404, {}, /it is not there\. Check models\[\]\.source/],
      ['a wrong revision', 404, { 'x-error-code': 'RevisionNotFound' }, /no such revision/],
    ] as const) {
      it(`that is answered with ${name} is not tried again`, async () => {
        hub.faults.push((_received, response) => {
          response.writeHead(status, headers).end();
          return true;
        });
        await assert.rejects(pull(), { code: 'bad_model', message: expected });
        assert.equal(hub.received.length, 1);
      });
    }

    it('is not followed in a circle', async () => {
      hub.faults.push((_received, response) => {
        response.writeHead(302, { location: `${hub.endpoint}/again` }).end();
        return true;
      });
      await assert.rejects(pull(), { code: 'bad_model', message: /redirects without end/ });
    });
  });

  describe('a checksum', () => {
    it("of the Hub's that does not match is tried once more, and nothing is published", async () => {
      hub.faults.push(({ server }, response) => {
        if (server !== 'cdn') return false;
        response.writeHead(200, { 'content-length': content.length }).end(someBytes(300_000, 8));
        return true;
      });
      await assert.rejects(pull(), {
        code: 'bad_model',
        message: /model\.gguf: its sha256 is .*, and should be/,
      });
      assert.equal(hub.downloads.length, 2);
      await assert.rejects(stat(join(directory, 'hf/owner/repo/model.gguf')), { code: 'ENOENT' });
    });

    it('of the configuration that is not the Hub’s is refused before the download', async () => {
      await assert.rejects(pull({ ...MODEL, sha256: '0'.repeat(64) }), {
        code: 'bad_model',
        message: /the Hub says its sha256 is .* not 0000/,
      });
    });

    it('is checked of files outside LFS, too', async () => {
      hub.files.set('own/big/config.json', Buffer.from('{}'));
      hub.faults.push(({ server }, response) => {
        if (server !== 'cdn') return false;
        response.writeHead(200, { 'content-length': 2 }).end('[]');
        return true;
      });
      await assert.rejects(pull({ source: 'hf:own/big' }), { message: /config\.json: its content is not/ });
    });
  });

  describe('damage', () => {
    for (const [name, damage, expected] of [
      ['missing', (path: string) => rm(path), /model\.gguf is not there: fetch it again with/],
      [
        'truncated',
        (path: string) => truncate(path, 1000),
        /model\.gguf is truncated.*1000 bytes.*300000.*models pull/,
      ],
      [
        'tampered with',
        (path: string) => writeFile(path, someBytes(300_000, 5)),
        /model\.gguf was changed.*sha256/,
      ],
    ] as const) {
      it(`stops a node from starting when a file is ${name}, and pull mends it`, async () => {
        const { path } = await pull();
        await damage(path);
        await assert.rejects(fetch(), { code: 'bad_model', message: expected });
        await pull();
        assert.deepEqual(await readFile(path), content);
        assert.equal(await fetch(), path);
      });
    }

    it('that keeps size and time is found by a thorough check', async () => {
      const { path } = await pull();
      const { atime, mtime } = await stat(path);
      await writeFile(path, someBytes(300_000, 5));
      await utimes(path, atime, mtime);
      assert.equal((await store().check(MODEL, { thorough: true })).state, 'damaged');
    });

    it('of a repository costs only the damaged file', async () => {
      hub.files.set('own/big/a.safetensors', someBytes(50_000, 2));
      hub.files.set('own/big/b.safetensors', someBytes(60_000, 3));
      const { path } = await pull({ source: 'hf:own/big' });
      await truncate(join(path, 'a.safetensors'), 10);
      hub.received.length = 0;
      await pull({ source: 'hf:own/big' });
      assert.deepEqual(
        hub.downloads.map(({ path }) => path),
        ['/own/big/a.safetensors'],
      );
    });

    it('of a file that is no model of the web names it', async () => {
      await assert.rejects(fetch({ source: `file:${directory}/nowhere.gguf` }), {
        code: 'bad_model',
        message: /nowhere\.gguf is not there: check models\[\]\.source/,
      });
      const path = join(directory, 'own.gguf');
      await writeFile(path, 'own');
      assert.equal(await fetch({ source: `file:${path}` }), path);
      await assert.rejects(fetch({ source: `file:${path}`, sha256: '1'.repeat(64) }), {
        message: /own\.gguf is not the file that was meant/,
      });
    });
  });

  describe('a volume without room for all files of a repository, though for each', () => {
    const model = { source: 'hf:own/big' };
    let size: number;
    beforeEach(async () => {
      const { bavail, bsize } = await statfs(directory);
      size = Math.floor(bavail * bsize * 0.6);
      const siblings = ['a', 'b'].map((name) => ({ rfilename: `${name}.safetensors`, size }));
      for (const { rfilename } of siblings) hub.files.set(`own/big/${rfilename}`, content);
      hub.faults.push(({ path }, response) => {
        if (!path.startsWith('/api/')) return false;
        response.end(JSON.stringify({ sha: COMMIT, siblings }));
        return true;
      });
    });

    it('is asked before the first byte', async () => {
      await assert.rejects(pull(model), {
        code: 'bad_model',
        message: new RegExp(`has \\d+ bytes left, and ${2 * size} are missing\\. Make room`),
      });
      assert.deepEqual(
        hub.received.map(({ path }) => path.startsWith('/api/')),
        [true],
      );
    });

    it('needs none for what an earlier attempt has received', async () => {
      const files = join(housekeeping(directory, model.source), INCOMING, 'files');
      await mkdir(files, { recursive: true });
      // A hole, which takes up nothing.
      await writeFile(join(files, 'a.safetensors'), '');
      await truncate(join(files, 'a.safetensors'), size);
      await assert.rejects(pull(model), { message: /it has 300000 bytes, and should have/ });
    });
  });

  it('takes a file over that was copied there by hand, if it is the right one', async () => {
    const { path } = await pull();
    await rm(join(directory, '.polypod'), { recursive: true });
    hub.received.length = 0;
    await pull({ ...MODEL, sha256: sha256(content) });
    assert.equal(hub.received.length, 0);
    assert.deepEqual(await readFile(path), content);
  });

  it('writes the demonstration model', async () => {
    const path = await fetch({ source: 'demo:' });
    assert.equal(path, join(directory, 'demo.gguf'));
    const { mtimeMs } = await stat(path);
    await fetch({ source: 'demo:' });
    assert.equal((await stat(path)).mtimeMs, mtimeMs, 'and leaves it alone then');
  });

  it('removes what is not needed, but no file of another model', async () => {
    for (const part of [1, 2]) hub.files.set(`o/r/m-0000${part}-of-00002.gguf`, someBytes(1000, part));
    await pull({ source: 'hf:o/r/m-00001-of-00002.gguf' });
    await pull({ source: 'hf:o/r/m-00002-of-00002.gguf' });
    await pull();
    assert.equal((await store().list()).length, 3);
    assert.equal(await store().remove('hf:o/r/m-00001-of-00002.gguf'), 1000);
    assert.deepEqual(await readdir(join(directory, 'hf/o/r')), ['m-00002-of-00002.gguf']);
    assert.equal(await store().remove(MODEL.source), 300_000);
    assert.deepEqual(await readdir(join(directory, 'hf')), ['o'], 'empty folders go, too');
    assert.equal((await store().check(MODEL)).state, 'missing');
  });

  it('stops at once when told to, and goes on from there later', async () => {
    await hub.stop();
    hub = await TestHub.start({ bytesPerSecond: 400_000 });
    hub.files.set('owner/repo/model.gguf', content);
    const stopping = new AbortController();
    const stopped = store().pull(MODEL, {
      signal: stopping.signal,
      onProgress: ({ receivedBytes }) => receivedBytes > 100_000 && stopping.abort(),
    });
    await assert.rejects(stopped, { name: 'AbortError' });
    const { path } = await pull();
    assert.deepEqual(await readFile(path), content);
    const start = Number(/\d+/.exec(hub.received.at(-1)?.range ?? '')?.[0]);
    assert.ok(start > 100_000, `it went on at ${start}`);
  });
});
