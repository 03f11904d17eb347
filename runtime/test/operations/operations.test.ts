import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { RUNTIME_METRICS } from '../../metrics.cjs';
import { configSchema } from '../../src/config/config.js';
import { LiveConfig } from '../../src/config/live-config.js';
import { startNode } from '../../src/node.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { peerToken } from '../support/peer-token.js';

const MODEL = { id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 0 };
const SLOW = { ...MODEL, tokensPerSecond: 20 };

describe('operations', () => {
  let directory: string;
  let node: TestNode;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    await writeFile(join(directory, 'secret'), 'cluster-secret\n');
    node = await startTestNode({ nodeId: 'node-7' });
  });
  after(async () => {
    await node.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const get = (path: string, from: { url: string } = node, headers: Record<string, string> = {}) =>
    fetch(`${from.url}${path}`, { headers });
  const chat = (from: { url: string }, body: object = {}, headers: Record<string, string> = {}) =>
    fetch(`${from.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        model: 'demo',
        messages: [{ role: 'user', content: 'Hello' }],
        max_tokens: 8,
        ...body,
      }),
    });
  const json = async (answer: Response) => JSON.parse(await answer.text());
  const metricsOf = async ({ node: { metricsUrl } }: TestNode) => (await fetch(metricsUrl)).text();

  it('answers the probes of a node that is ready', async () => {
    for (const path of ['/api/v1/health', '/api/v1/ready', '/api/v1/startup']) {
      assert.equal((await get(path)).status, 200, path);
    }
    const detailed = await json(await get('/api/v1/health/detailed'));
    assert.equal(detailed.status, 'ok');
    assert.equal(detailed.node, 'node-7');
    assert.equal(detailed.models[0].phase, 'ready');
    assert.equal(detailed.models[0].load.sequences, 4);
  });

  it('names node and request on every answer, streams and errors too', async () => {
    const answers = [
      await get('/api/v1/health'),
      await get('/nowhere'),
      await chat(node),
      await chat(node, { stream: true }),
      await chat(node, { nonsense: 1 }),
    ];
    for (const answer of answers) {
      assert.equal(answer.headers.get('polypod-node'), 'node-7');
      assert.match(answer.headers.get('x-request-id') ?? '', /^req_[0-9a-f]{32}$/);
      await answer.text();
    }
  });

  it("keeps a caller's request id unless it could harm a log", async () => {
    const kept = await get('/v1/models', node, { 'x-request-id': 'trace-1.a:b' });
    assert.equal(kept.headers.get('x-request-id'), 'trace-1.a:b');
    for (const bad of ['a b', '{"x":1}', 'x'.repeat(129)]) {
      const made = await get('/v1/models', node, { 'x-request-id': bad });
      assert.match(made.headers.get('x-request-id') ?? '', /^req_/);
    }
  });

  it('shows metrics on a port of their own, and every one of the list', async () => {
    await (await chat(node, { stream: true })).text();
    const text = await metricsOf(node);
    for (const { name, type } of Object.values(RUNTIME_METRICS)) {
      assert.match(text, new RegExp(`^# TYPE ${name} ${type}$`, 'm'));
    }
    assert.match(text, /^polypod_requests_queued\{model="demo"\} 0$/m);
    assert.match(text, /^vllm:num_requests_waiting\{model_name="demo"\} 0$/m);
    assert.match(text, /^polypod_model_ready\{model="demo"\} 1$/m);
    assert.match(text, /^polypod_generations_total\{model="demo",outcome="(length|stop)"\} [1-9]/m);
    assert.match(text, /^polypod_time_to_first_token_seconds_count\{model="demo"\} [1-9]/m);
    assert.match(text, /^polypod_inter_token_seconds_count\{model="demo"\} [1-9]/m);
    assert.match(
      text,
      /^polypod_http_request_seconds_count\{method="POST",route="\/v1\/chat\/completions",status="200"\} [1-9]/m,
    );
    assert.equal((await get('/metrics')).status, 404);
    const { metricsUrl } = node.node;
    assert.equal((await fetch(new URL('/v1/models', metricsUrl))).status, 404);
    assert.equal((await fetch(metricsUrl, { method: 'POST' })).status, 405);
  });

  it('counts generated tokens exactly as usage does', async () => {
    const count = async () =>
      Number(/^polypod_generated_tokens_total\{model="demo"\} (\d+)$/m.exec(await metricsOf(node))?.[1] ?? 0);
    for (const [maxTokens, reason] of [
      [3, 'length'],
      [1000, 'stop'],
    ] as const) {
      const earlier = await count();
      const { choices, usage } = await json(await chat(node, { max_tokens: maxTokens, temperature: 0 }));
      assert.equal(choices[0].finish_reason, reason);
      assert.equal((await count()) - earlier, usage.completion_tokens, reason);
    }
  });

  it('refuses a prompt over the limit with the limit, before the first byte', async () => {
    const limited = await startTestNode({ limits: { promptTokens: 40 } });
    try {
      const answer = await chat(limited, {
        stream: true,
        messages: [{ role: 'user', content: 'x'.repeat(200) }],
      });
      assert.equal(answer.status, 400);
      const { error } = await json(answer);
      assert.equal(error.code, 'context_length_exceeded');
      assert.match(error.message, /at most 40/);
      assert.match(await metricsOf(limited), /^polypod_requests_refused_total\{limit="prompt"\} 1$/m);
    } finally {
      await limited.stop();
    }
  });

  it('refuses requests beyond the rate of an address, and of a key', async () => {
    const limited = await startTestNode({ limits: { requestsPerMinute: { perAddress: 4, perKey: 2 } } });
    try {
      const statuses = async (key: string, times: number) => {
        const answers = [];
        for (let i = 0; i < times; i++) {
          answers.push(await get('/v1/models', limited, { authorization: `Bearer ${key}` }));
        }
        return answers;
      };
      const first = await statuses('a', 3);
      assert.deepEqual(
        first.map(({ status }) => status),
        [200, 200, 429],
      );
      const [, , refused] = first;
      assert.ok(refused);
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
      assert.equal((await json(refused)).error.code, 'rate_limit_exceeded');
      const second = await statuses('b', 2);
      assert.deepEqual(
        second.map(({ status }) => status),
        [200, 429],
        'a new key does not help the address',
      );
      assert.equal((await get('/api/v1/ready', limited)).status, 200, 'probes have no limit');
      assert.match(await metricsOf(limited), /^polypod_requests_refused_total\{limit="rate"\} 2$/m);
    } finally {
      await limited.stop();
    }
  });

  it('holds requests to their limits however their path is written', async () => {
    const limited = await startTestNode({ limits: { requestsPerMinute: { perAddress: 2 } } });
    try {
      const { hostname, port } = new URL(limited.url);
      const statusOf = async (target: string) => {
        const socket = connect(Number(port), hostname);
        socket.end(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        const [status] = String((await once(socket, 'data'))[0]).split('\r\n');
        socket.destroy();
        return Number(status?.split(' ')[1]);
      };
      const statuses = [];
      for (const target of ['/%76%31/models', 'http://x/v1/models', '/v1/model%73', 'http://x/%761/models']) {
        statuses.push(await statusOf(target));
      }
      assert.deepEqual(statuses, [200, 200, 429, 429]);
    } finally {
      await limited.stop();
    }
  });

  it('ends a start that is told to stop before anything is fetched or loaded', async () => {
    const modelDirectory = join(directory, 'never');
    const config = configSchema.parse({
      host: '127.0.0.1',
      ports: { api: 0, metrics: 0, peer: 0 },
      modelDirectory,
    });
    const stopped = AbortSignal.abort(new Error('SIGTERM'));
    await assert.rejects(startNode(new LiveConfig(config), pino({ level: 'silent' }), stopped), /SIGTERM/);
    await assert.rejects(access(modelDirectory));
  });

  it('refuses more requests at once than it should take, and takes them again after', async () => {
    const limited = await startTestNode({ models: [SLOW], limits: { concurrentRequests: 1 } });
    try {
      const first = await chat(limited, { stream: true, max_tokens: 60, temperature: 0 });
      const refused = await chat(limited);
      assert.equal(refused.status, 429);
      assert.equal(refused.headers.get('retry-after'), '1');
      assert.equal((await get('/v1/models', limited)).status, 200);
      await first.text();
      assert.equal((await chat(limited)).status, 200);
      // One that leaves in the middle gives its place back too.
      const abort = new AbortController();
      await fetch(`${limited.url}/v1/chat/completions`, {
        method: 'POST',
        signal: abort.signal,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'demo', stream: true, messages: [{ role: 'user', content: 'x' }] }),
      });
      abort.abort();
      await sleep(100);
      assert.equal((await chat(limited)).status, 200);
    } finally {
      await limited.stop();
    }
  });

  it('believes only the proxies that it was told of', async () => {
    const limits = { requestsPerMinute: { perAddress: 1 } };
    const forwarded = (url: string, address: string) =>
      get('/v1/models', { url }, { 'x-forwarded-for': address }).then(({ status }) => status);
    const careless = await startTestNode({ limits, http: { trustedProxies: ['127.0.0.1'] } });
    const careful = await startTestNode({ limits });
    const counting = await startTestNode({ limits, http: { trustedProxies: ['127.0.0.0/8'], proxyHops: 2 } });
    const elsewhere = await startTestNode({ limits, http: { trustedProxies: ['10.0.0.0/8'], proxyHops: 2 } });
    try {
      // Two proxies: what is said before the client's address is the client's own word.
      const behindTwo = (url: string, client: string, said: string) =>
        forwarded(url, `${said}, ${client}, 127.0.0.9`);
      assert.equal(await behindTwo(counting.url, '127.0.0.1', '192.0.2.1'), 200);
      assert.equal(await behindTwo(counting.url, '127.0.0.1', '192.0.2.2'), 429);
      assert.equal(await behindTwo(counting.url, '192.0.2.3', '192.0.2.2'), 200);
      assert.equal(await behindTwo(elsewhere.url, '192.0.2.1', '192.0.2.2'), 200);
      assert.equal(await behindTwo(elsewhere.url, '192.0.2.3', '192.0.2.4'), 429);
      assert.deepEqual(
        [await forwarded(careless.url, '192.0.2.1'), await forwarded(careless.url, '192.0.2.2')],
        [200, 200],
      );
      assert.deepEqual(
        [await forwarded(careful.url, '192.0.2.1'), await forwarded(careful.url, '192.0.2.2')],
        [200, 429],
      );
    } finally {
      await Promise.all([careless, careful, counting, elsewhere].map((node) => node.stop()));
    }
  });

  it('closes connections that send their headers too slowly', async () => {
    const limited = await startTestNode({ http: { headersTimeoutSeconds: 0.5 } });
    try {
      const { hostname, port } = new URL(limited.url);
      const socket = connect(Number(port), hostname);
      socket.write('GET /v1/models HTTP/1.1\r\nHost: x\r\n');
      const drip = setInterval(() => socket.write('X-Slow: 1\r\n'), 100);
      socket.on('error', () => {});
      const start = performance.now();
      await new Promise((resolve) => socket.once('close', resolve));
      clearInterval(drip);
      assert.ok(performance.now() - start < 4_000);
    } finally {
      await limited.stop();
    }
  });

  it('drains: not ready, no new work, but streams end as they would have', async () => {
    const draining = await startTestNode({ models: [SLOW], drainSeconds: 10 });
    try {
      const stream = await chat(draining, { stream: true, max_tokens: 20 });
      const drained = draining.node.drain();
      const ready = await get('/api/v1/ready', draining);
      assert.equal(ready.status, 503);
      assert.equal((await json(ready)).status, 'draining');
      assert.equal((await get('/api/v1/health', draining)).status, 200);
      const refused = await chat(draining);
      assert.equal(refused.status, 503);
      assert.equal(refused.headers.get('retry-after'), '1');
      assert.match(await stream.text(), /data: \[DONE\]\n\n$/);
      await drained;
    } finally {
      await draining.stop();
    }
  });

  it('gives a drain up when its time is over', async () => {
    const draining = await startTestNode({ models: [SLOW], drainSeconds: 0.3 });
    // Some ten seconds.
    const stream = await chat(draining, { stream: true, max_tokens: 2000, temperature: 0 });
    const start = performance.now();
    await draining.node.drain();
    assert.ok(performance.now() - start < 7_000);
    await draining.stop();
    await stream.text().catch(() => undefined);
  });

  it('leaves the cluster for holders of its secret only', async () => {
    const secretFile = join(directory, 'secret');
    const member = await startTestNode({ nodeId: 'member', cluster: { secretFile } });
    try {
      const { peerUrl } = member.node;
      const leave = (headers: Record<string, string> = {}) =>
        fetch(`${peerUrl}/api/v1/cluster/leave`, { method: 'POST', headers });
      for (const authorization of ['', 'Bearer cluster-secret', await peerToken('wrong', 'member')]) {
        assert.equal((await leave({ authorization })).status, 401);
      }
      assert.equal((await fetch(`${member.url}/api/v1/cluster/leave`, { method: 'POST' })).status, 401);
      assert.equal((await get('/api/v1/ready', member)).status, 200);
      const authorization = await peerToken('cluster-secret', 'member');
      assert.equal((await leave({ authorization })).status, 200);
      assert.equal((await get('/api/v1/ready', member)).status, 503);
    } finally {
      await member.stop();
    }
    assert.equal(node.node.peerUrl, undefined, 'without a secret nobody is let in');
  });
});
