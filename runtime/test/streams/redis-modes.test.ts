import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const run = promisify(execFile);
let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'polypod-modes-'));
});
after(() => rm(directory, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

/** Streams on one node, reads on the other, and lets the first hand over to the second. */
async function exercise(start: (nodeId: string) => Promise<TestNode>): Promise<void> {
  const [first, second] = await Promise.all([start('first'), start('second')]);
  try {
    const body = { model: 'demo', messages: [{ role: 'user', content: 'Hi' }], temperature: 0, stream: true };
    const open = () =>
      fetch(`${first.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const responses = await Promise.all(Array.from({ length: 4 }, open));
    const texts = await Promise.all(
      responses.map(async (response) => {
        assert.equal(response.headers.get('polypod-durable'), 'true');
        const path = response.headers.get('polypod-resume-url');
        const elsewhere = fetch(`${second.url}${path}`).then((other) => other.text());
        const here = await response.text();
        assert.equal(await elsewhere, here);
        return here.replaceAll(/"(id|created)":("[^"]*"|\d+)/g, '');
      }),
    );
    assert.ok(texts[0]?.endsWith('data: [DONE]\n\n'));
    assert.equal(new Set(texts).size, 1);

    const path = (await open()).headers.get('polypod-resume-url');
    await sleep(100);
    await first.node.drain();
    const resumed = await (await fetch(`${second.url}${path}`)).text();
    assert.equal(resumed.replaceAll(/"(id|created)":("[^"]*"|\d+)/g, ''), texts[0]);
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
}

const common = {
  models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 200, sequences: 8 }],
  drainSeconds: 0.1,
};

it('streams are durable in a cluster of three, with a user and a password', async () => {
  const servers = await Promise.all(
    Array.from({ length: 3 }, () =>
      startTestRedis(['--cluster-enabled', 'yes', '--cluster-node-timeout', '30000']),
    ),
  );
  try {
    await formCluster(servers);
    const usernameFile = await file('username', 'polypod\n');
    const passwordFile = await file('password', 'a secret\n');
    for (const { port } of servers) {
      const client = new Redis({ port });
      await client.call('ACL', 'SETUSER', 'polypod', 'on', '>a secret', '~polypod:*', '&polypod:*', '+@all');
      await client.call('ACL', 'SETUSER', 'default', 'off');
      client.disconnect();
    }
    const redis = {
      host: '127.0.0.1',
      port: servers[0]?.port ?? 0,
      mode: 'cluster' as const,
      usernameFile,
      passwordFile,
    };
    await exercise((nodeId) => startTestNode({ ...common, nodeId, redis }));
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
});

it('streams are durable over TLS, but not with a server that the CA does not vouch for', async () => {
  const key = join(directory, 'key.pem');
  const certificate = join(directory, 'certificate.pem');
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
  ]);
  const server = await startTestRedis([], { key, certificate });
  try {
    const redis = { host: 'localhost', port: server.tlsPort ?? 0, tls: true };
    await exercise((nodeId) =>
      startTestNode({ ...common, nodeId, redis: { ...redis, caFile: certificate } }),
    );
    const stranger = await startTestNode({ ...common, nodeId: 'stranger', redis });
    const answer = await fetch(`${stranger.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'demo', prompt: 'Hi', max_tokens: 3, stream: true }),
    });
    assert.equal(answer.headers.get('polypod-durable'), 'false');
    await answer.text();
    await stranger.stop();
  } finally {
    await server.stop();
  }
});

async function formCluster(servers: readonly TestRedis[]): Promise<void> {
  const clients = servers.map(({ port }) => new Redis({ port }));
  const share = Math.ceil(16384 / clients.length);
  for (const [index, client] of clients.entries()) {
    const last = Math.min(16383, (index + 1) * share - 1);
    await client.call('CLUSTER', 'ADDSLOTSRANGE', index * share, last);
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  for (const { port } of servers.slice(1)) await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port);
  for (const client of clients) {
    while (!String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) await sleep(50);
    client.disconnect();
  }
}
