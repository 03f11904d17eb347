import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { someBytes, TestHub } from '../support/hub.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const content = someBytes(900_000);

describe('polypod-runtime models', () => {
  let directory: string;
  let hub: TestHub;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    await configure({ models: [{ id: 'small', source: 'hf:owner/repo/model.gguf', revision: 'main' }] });
    await serve({});
  });
  afterEach(async () => {
    await hub.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const configure = (config: object) => writeFile(join(directory, 'config.yaml'), JSON.stringify(config));
  const serve = async (options: Parameters<typeof TestHub.start>[0]) => {
    await hub?.stop();
    hub = await TestHub.start(options);
    hub.files.set('owner/repo/model.gguf', content);
  };
  const start = (...args: string[]) => launch('models', ...args);
  const launch = (...args: string[]) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: {
        PATH: process.env.PATH,
        POLYPOD_CONFIG: join(directory, 'config.yaml'),
        MODEL_DIR: join(directory, 'models'),
        HF_ENDPOINT: hub.endpoint,
      },
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      errors += text;
    });
    const ended = new Promise<{ code: number | null; out: string; errors: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, out, errors }));
    });
    return { child, ended };
  };
  const run = (...args: string[]) => start(...args).ended;
  const path = () => join(directory, 'models/hf/owner/repo/model.gguf');

  it('pull fetches once, however many nodes start together', async () => {
    await serve({ bytesPerSecond: 600_000 });
    const results = await Promise.all(Array.from({ length: 8 }, () => run('pull')));
    assert.deepEqual(
      results.map(({ code }) => code),
      Array(8).fill(0),
      results.map(({ errors }) => errors).join('\n'),
    );
    assert.equal(hub.received.filter(({ server }) => server === 'cdn').length, 1);
    assert.deepEqual(await readFile(path()), content);
    assert.ok(results.some(({ errors }) => errors.includes('another node is fetching')));
  });

  it('pull goes on where a killed node stopped, on another', async () => {
    await serve({ bytesPerSecond: 300_000 });
    const first = start('pull');
    while (hub.downloads.length === 0) await sleep(20);
    const second = start('pull');
    await sleep(1_000);
    first.child.kill('SIGKILL');
    const { code, errors } = await second.ended;
    assert.equal(code, 0, errors);
    assert.deepEqual(await readFile(path()), content);
    const ranges = hub.received.filter(({ server }) => server === 'cdn').map(({ range }) => range);
    assert.equal(ranges.length, 2);
    assert.match(ranges[1] ?? '', /^bytes=[1-9]\d{4,}-$/);
  });

  it('pull hands over at once when it is told to stop', async () => {
    await serve({ bytesPerSecond: 300_000 });
    const first = start('pull');
    while (hub.downloads.length === 0) await sleep(20);
    await sleep(300);
    first.child.kill('SIGTERM');
    const { code, errors } = await first.ended;
    assert.equal(code, 1);
    assert.match(errors, /Stopped/);
    assert.equal((await run('pull')).code, 0);
  });

  it('pull leaves with 1 and names file and reason, of each model', async () => {
    await configure({
      models: [
        { id: 'a', source: 'hf:owner/repo/nothing.gguf' },
        { id: 'b', source: 'file:/nowhere/b.gguf' },
        { id: 'c', source: 'hf:owner/repo/model.gguf' },
      ],
    });
    const { code, out, errors } = await run('pull', '--json');
    assert.equal(code, 1);
    assert.match(errors, /a {2}failed: .*nothing\.gguf.*404/);
    assert.match(errors, /b {2}failed: \/nowhere\/b\.gguf is not there: check models\[\]\.source/);
    assert.doesNotMatch(errors, /\n\s+at /);
    assert.deepEqual(
      JSON.parse(out).map(({ id, state }: { id: string; state: string }) => [id, state]),
      [
        ['a', 'failed'],
        ['b', 'failed'],
        ['c', 'whole'],
      ],
    );
  });

  it('leaves with 2 for a configuration or a name that is no good', async () => {
    assert.equal((await run('pull', 'nonsense')).code, 2);
    await configure({ models: [{ id: 'a', source: 'ftp://x' }], nonsense: 1 });
    const { code, errors } = await run('pull');
    assert.equal(code, 2);
    assert.match(errors, /2 problems/);
  });

  it('pull refuses what does not fit on the disk before it fetches it', async () => {
    hub.faults.push(({ server }, response) => {
      if (server !== 'cdn') return false;
      response.writeHead(200, { 'content-length': 2 ** 52 });
      response.write('x');
      return true;
    });
    const { code, errors } = await run('pull');
    assert.equal(code, 1);
    assert.match(
      errors,
      /The model store .* has \d+ bytes left, and 4503599627370496 are missing\. Make room/,
    );
  });

  it('verify finds what was damaged, pull mends it, list and remove do as they say', async () => {
    assert.match((await run('list')).out, /small +missing/);
    assert.equal((await run('pull')).code, 0);
    assert.match((await run('list')).out, /small +whole +900\.0 kB +hf:owner\/repo\/model\.gguf/);
    assert.equal((await run('verify')).code, 0);

    await truncate(path(), 5);
    const damaged = await run('verify', '--json');
    assert.equal(damaged.code, 1);
    const [{ state, faults }] = JSON.parse(damaged.out);
    assert.equal(state, 'damaged');
    assert.match(faults[0], /model\.gguf is truncated: it has 5 bytes, and should have 900000/);
    assert.match(damaged.errors, /models pull/);
    assert.equal((await run('pull', 'small')).code, 0);
    assert.equal((await run('verify', 'small')).code, 0);

    assert.match((await run('remove', 'small')).out, /900\.0 kB are free again/);
    await assert.rejects(readFile(path()), { code: 'ENOENT' });
    assert.equal((await run('verify')).code, 1);
  });

  it('a node does not start with a file that was tampered with', async () => {
    assert.equal((await run('pull')).code, 0);
    await writeFile(path(), someBytes(900_000, 7));
    const { code, errors } = await launch('serve').ended;
    assert.equal(code, 1);
    assert.match(
      errors,
      /model\.gguf was changed: its sha256 is .*: fetch it again with polypod-runtime models pull/,
    );
    assert.doesNotMatch(errors, /\n\s+at /);
  });

  it('pull takes a source that no configuration names, and list shows it as unused', async () => {
    assert.equal((await run('pull', 'hf:owner/repo/model.gguf')).code, 0);
    await configure({ models: [{ id: 'demo', source: 'demo:' }] });
    assert.match((await run('list')).out, /- +unused +900\.0 kB +hf:owner/);
  });
});
