import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/free-port.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

describe('a node that starts', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    // PostgreSQL does not run as root, but as a user who comes in here.
    await chmod(directory, 0o755);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('is alive but not ready, then ready; and logs no more than it should', async () => {
    const port = await freePort();
    const path = join(directory, 'config.yaml');
    await writeFile(
      path,
      `host: 127.0.0.1\nnodeId: node-1\ndataDirectory: ${directory}\nports: {api: ${port}, metrics: 0}\nmodels: [{id: demo, source: "demo:", threads: 1}]\n`,
    );
    const child = spawn(process.execPath, [MAIN, '--config', path], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    const url = `http://127.0.0.1:${port}`;
    const seen: string[] = [];
    for (let ready = false; !ready; await sleep(10)) {
      assert.equal(child.exitCode, null, output);
      const startup = await fetch(`${url}/api/v1/startup`).catch(() => undefined);
      if (!startup) continue;
      ready = startup.ok;
      const { status, models } = JSON.parse(await startup.text());
      seen.push(`${startup.status} ${status} ${models[0].id}`);
      const health = await fetch(`${url}/api/v1/health`);
      assert.equal(health.status, 200);
      if (ready) assert.equal((await fetch(`${url}/api/v1/ready`)).status, 200);
    }
    assert.deepEqual([...new Set(seen)], ['503 starting demo', '200 started demo']);

    const answer = await fetch(`${url}/v1/chat/completions?note=hidden`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer my-key', 'x-request-id': 'mine' },
      body: JSON.stringify({
        model: 'demo',
        messages: [{ role: 'user', content: 'a private word' }],
        max_tokens: 4,
      }),
    });
    assert.equal(answer.status, 200);
    await answer.text();
    const health = () => spawn(process.execPath, [MAIN, 'health', '--config', path], { stdio: 'ignore' });
    assert.deepEqual(await once(health(), 'exit'), [0, null]);
    child.kill('SIGTERM');
    await once(child, 'exit');
    assert.deepEqual(await once(health(), 'exit'), [1, null]);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const line = lines.find(({ reqId }) => reqId === 'mine');
    assert.equal(line.route, '/v1/chat/completions');
    assert.equal(line.status, 200);
    assert.equal(line.node, 'node-1');
    assert.doesNotMatch(output, /private|my-key|hidden/);
  });
});
