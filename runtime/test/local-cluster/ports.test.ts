import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { HEADERS } from '../../contract.cjs';
import { LocalNode } from '../../local-cluster/local-node.js';
import { freePort } from '../../src/free-port.js';

it('no two servers of a cluster get the same port, though none of them listens yet', async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
  assert.equal(new Set(ports).size, 200);
});

it('nor do servers of two processes that start at the same time', async () => {
  const script = `
    import { freePort } from ${JSON.stringify(new URL('../../src/free-port.js', import.meta.url).href)};
    for (let count = 0; count < 100; count++) console.log(await freePort());`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  const outputs = await Promise.all([run(), run(), run(), run()]);
  const ports = outputs.flatMap(({ stdout }) => stdout.trim().split('\n'));
  assert.equal(new Set(ports).size, 400);
});

it('a node whose port another node has ends, and does not count as ready', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'polypod-ports-'));
  const node = await LocalNode.create({
    id: 'node-2',
    address: '127.0.0.1',
    directory,
    config: { role: 'gateway', embeddedDatabase: false },
    command: (program, args) => [program, args],
  });
  const other = createServer((_request, response) => response.setHeader(HEADERS.node, 'node-1').end('{}'));
  await once(other.listen(node.ports.api, '127.0.0.1'), 'listening');
  try {
    await assert.rejects(node.start(), /node-2 has ended:.*another program listens there/s);
  } finally {
    other.close();
    await node.process.kill('SIGKILL');
    await rm(directory, { recursive: true });
  }
});
