import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

describe('polypod-runtime serve', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const start = async (config: string) => {
    const path = join(directory, 'config.yaml');
    await writeFile(path, config);
    return spawn(process.execPath, [MAIN, '--config', path], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  const ready = async (child: ChildProcess): Promise<{ api: string }> => {
    assert.ok(child.stdout);
    for await (const line of createInterface(child.stdout)) {
      const entry = JSON.parse(line);
      if (entry.msg === 'ready') return entry;
    }
    throw new Error('it ended before it was ready');
  };

  const childrenOf = async (pid: number | undefined): Promise<number[]> => {
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
    return stdout.trim().split(/\s+/).map(Number);
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`answers until ${signal}, then leaves with 0 and takes its engine with it`, async () => {
      const child = await start(
        'host: 127.0.0.1\nports: {api: 0, metrics: 0}\ndrainSeconds: 0.5\nmodels: [{id: demo, source: "demo:", threads: 1}]\n',
      );
      const { api } = await ready(child);
      const stream = await fetch(`${api}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'demo', stream: true, messages: [{ role: 'user', content: 'x' }] }),
      });
      assert.equal(stream.status, 200);
      const engines = await childrenOf(child.pid);
      assert.equal(engines.length, 1);
      child.kill(signal);
      const [code] = await once(child, 'exit');
      assert.equal(code, 0);
      for (const engine of engines) assert.throws(() => process.kill(engine, 0), { code: 'ESRCH' });
    });
  }

  it('leaves with 2 and all errors for a bad configuration', async () => {
    const child = await start('rolle: all\nlogLevel: loud\n');
    let errors = '';
    child.stderr?.on('data', (text) => {
      errors += text;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 2);
    assert.match(errors, /2 problems\n {2}.*logLevel/s);
    assert.doesNotMatch(errors, /\n\s+at /);
  });

  it('leaves with 1 and the mend for a model that is not there', async () => {
    const child = await start(
      'host: 127.0.0.1\nports: {api: 0}\nmodels: [{id: x, source: "file:nowhere.gguf"}]\n',
    );
    let errors = '';
    child.stderr?.on('data', (text) => {
      errors += text;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(errors, /nowhere\.gguf is not there: check models\[\]\.source/);
    assert.doesNotMatch(errors, /\n\s+at /);
  });
});
