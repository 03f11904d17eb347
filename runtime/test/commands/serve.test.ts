import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
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
  const children: ChildProcess[] = [];
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    // Root's PostgreSQL runs as another user.
    await chmod(directory, 0o755);
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (config: string, environment: NodeJS.ProcessEnv = {}) => {
    const path = join(directory, 'config.yaml');
    await writeFile(path, config);
    const child = spawn(process.execPath, [MAIN, '--config', path], {
      cwd: directory,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  };
  const ready = async (child: ChildProcess): Promise<{ api: string }> => {
    assert.ok(child.stdout);
    for await (const line of createInterface(child.stdout)) {
      const entry = JSON.parse(line);
      if (entry.msg === 'ready') return entry;
    }
    throw new Error('it ended before it was ready');
  };

  const outputUntil = async (child: ChildProcess, end: string): Promise<string> => {
    assert.ok(child.stdout);
    let output = '';
    for await (const text of child.stdout.iterator({ destroyOnReturn: false })) {
      output += text;
      if (output.includes(end)) return output;
    }
    throw new Error(`it ended before it was ready: ${output}`);
  };

  const childrenOf = async (pid: number | undefined): Promise<number[]> => {
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
    return stdout.trim().split(/\s+/).map(Number);
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`answers until ${signal}, then leaves with 0 and takes its engine with it`, async () => {
      const child = await start(
        'embeddedDatabase: false\nhost: 127.0.0.1\nports: {api: 0, metrics: 0}\ndrainSeconds: 0.5\nmodels: [{id: demo, source: "demo:", threads: 1}]\n',
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

  it('tells a person in plain lines where all is, and keeps a database that goes when the node does', async () => {
    const config = `host: 127.0.0.1\nports: {api: 0, metrics: 0}\ndataDirectory: ${directory}\nmodels: [{id: demo, source: "demo:", threads: 1}]\n`;
    const launch = async () => {
      const child = await start(config, { npm_lifecycle_event: 'start' });
      return { child, output: await outputUntil(child, 'Ctrl-C stops it.') };
    };
    const postgres = async () =>
      Number((await readFile(join(directory, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);

    const first = await launch();
    assert.match(first.output, /setting up a database/);
    assert.match(
      first.output,
      /Chat +http:\/\/127.0.0.1:\d+\/\n +API +http.*\/v1 .*\n +Metrics +http.*\/metrics\n/,
    );
    assert.doesNotMatch(first.output, /[{}]|Server listening/);
    const killed = await postgres();
    process.kill(killed, 0);
    first.child.kill('SIGKILL');

    const second = await launch();
    assert.doesNotMatch(second.output, /setting up a database/);
    const pid = await postgres();
    assert.notEqual(pid, killed);
    second.child.kill('SIGTERM');
    const [code] = await once(second.child, 'exit');
    assert.equal(code, 0);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });

  it('leaves with 1 and the mend where its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const child = await start(
      `embeddedDatabase: false\nhost: 127.0.0.1\nports: {api: ${port}, metrics: 0}\nmodels: [{id: demo, source: "demo:", threads: 1}]\n`,
    );
    let errors = '';
    child.stderr?.on('data', (text) => {
      errors += text;
    });
    const [code] = await once(child, 'close');
    taken.close();
    assert.equal(code, 1);
    assert.match(errors, new RegExp(`port ${port}: another program listens there.*PORT`));
    assert.doesNotMatch(errors, /\n\s+at /);
  });

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
      'embeddedDatabase: false\nhost: 127.0.0.1\nports: {api: 0, metrics: 0}\nmodels: [{id: x, source: "file:nowhere.gguf"}]\n',
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
