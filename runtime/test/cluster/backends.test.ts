import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { configSchema } from '../../src/config/config.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';

const EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"word"}}]}\n\n';
const DONE = 'data: [DONE]\n\n';

/** A plain OpenAI server: it answers as it is told. */
class PlainServer {
  asked: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  answer: (response: ServerResponse) => void = whole;
  well = true;
  private readonly server: Server;

  constructor() {
    this.server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      if (request.method === 'GET') {
        response
          .writeHead(this.well ? 200 : 500)
          .end(JSON.stringify({ object: 'list', data: [{ id: 'big' }] }));
        return;
      }
      const body = Buffer.concat(chunks).toString();
      this.asked.push({ path: request.url ?? '', headers: request.headers, body });
      this.answer(response);
    });
  }

  async start(): Promise<string> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function whole(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'x-of-its-own': 'kept' }).end('{"id":"x"}');
}

function refusing(status: number) {
  return (response: ServerResponse) =>
    response
      .writeHead(status, { 'content-type': 'application/json', 'retry-after': '7' })
      .end('{"error":{}}');
}

describe('a gateway before plain OpenAI servers', () => {
  let directory: string;
  let node: TestNode;
  const [first, second] = [new PlainServer(), new PlainServer()];
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-backends-'));
    const apiKeyFile = join(directory, 'key');
    await writeFile(apiKeyFile, 'sk-secret\n');
    node = await startTestNode({
      nodeId: 'gateway',
      role: 'gateway',
      backends: [
        { name: 'first', url: await first.start(), apiKeyFile, checkSeconds: 0.05 },
        { name: 'second', url: await second.start(), checkSeconds: 0.05, models: ['big', 'other'] },
      ],
    });
  });
  after(async () => {
    await node.stop();
    first.stop();
    second.stop();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const server of [first, second]) {
      server.answer = whole;
      server.asked = [];
      server.well = true;
    }
    await eventually(async () => (await up()) === 2, 'two backends that are well');
    // Who has refused in the test before is left alone for a moment.
    await eventually(async () => {
      const names = new Set<string | null>();
      for (let session = 0; session < 20; session++) {
        const answer = await ask({}, `${session}`);
        await answer.text();
        names.add(answer.headers.get('polypod-node'));
      }
      return names.size === 2;
    }, 'two backends that are asked');
    for (const server of [first, second]) server.asked = [];
  });

  const metrics = async () => (await fetch(node.node.metricsUrl)).text();
  const up = async () => (await metrics()).match(/polypod_backend_up\{backend="\w+"\} 1/g)?.length ?? 0;
  const ask = (body: object = {}, session = 's') =>
    fetch(`${node.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'polypod-session': session,
        authorization: 'Bearer of-the-client',
      },
      body: JSON.stringify({
        model: 'big',
        messages: [{ role: 'user', content: 'Hi' }],
        own_extra: 1,
        ...body,
      }),
    });
  /** A session that belongs to the first. */
  const sessionOfFirst = async () => {
    for (let index = 0; ; index++) {
      const answer = await ask({}, `${index}`);
      await answer.text();
      if (answer.headers.get('polypod-node') === 'first') return `${index}`;
    }
  };

  it('lists their models', async () => {
    const { data } = JSON.parse(await (await fetch(`${node.url}/v1/models`)).text());
    assert.deepEqual(data.map(({ id }: { id: string }) => id).sort(), ['big', 'other']);
    assert.equal((await fetch(`${node.url}/v1/models/big`)).status, 200);
    assert.equal((await ask({ model: 'unknown', own_extra: undefined })).status, 404);
  });

  it('passes a request on as it came, with its own key, and the answer as it is', async () => {
    const session = await sessionOfFirst();
    first.asked = [];
    const answer = await ask({ temperature: 0.5 }, session);
    assert.equal(await answer.text(), '{"id":"x"}');
    assert.equal(answer.headers.get('x-of-its-own'), 'kept');
    assert.equal(answer.headers.get('polypod-via'), 'gateway');
    assert.equal(answer.headers.get('polypod-durable'), 'false');
    const [asked] = first.asked;
    assert.equal(asked?.path, '/v1/chat/completions');
    assert.equal(asked?.headers.authorization, 'Bearer sk-secret');
    assert.deepEqual(JSON.parse(asked?.body ?? ''), {
      model: 'big',
      messages: [{ role: 'user', content: 'Hi' }],
      own_extra: 1,
      temperature: 0.5,
    });
    await ask({ model: 'other' });
    assert.equal(second.asked.at(-1)?.headers.authorization, undefined, "a client's key is nobody else's");
  });

  it('passes streams on event by event, and a cut as a cut', async () => {
    const session = await sessionOfFirst();
    let more = (): void => undefined;
    first.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(EVENT);
      more = () => response.end(EVENT + DONE);
    };
    const answer = await ask({ stream: true }, session);
    const reader = answer.body?.getReader();
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), EVENT);
    more();
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), EVENT + DONE);
    assert.equal((await reader?.read())?.done, true);
    first.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(EVENT, () => response.destroy());
    };
    await assert.rejects(async () => (await ask({ stream: true }, session)).text());
  });

  it('ends the request when the client leaves', async () => {
    const session = await sessionOfFirst();
    let left = false;
    first.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(EVENT);
      response.once('close', () => {
        left = true;
      });
    };
    const answer = await ask({ stream: true }, session);
    await answer.body?.cancel();
    await eventually(() => left, 'an end of the request');
  });

  it('asks the next one where one has too much, and says so where all have', async () => {
    const session = await sessionOfFirst();
    first.answer = refusing(429);
    const answer = await ask({}, session);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('polypod-node'), 'second');
    second.answer = refusing(429);
    const refused = await ask({}, session);
    assert.equal(refused.status, 429);
  });

  it('asks nobody else what a backend may have begun to do', async () => {
    const session = await sessionOfFirst();
    first.answer = (response) => void response.destroy();
    second.asked = [];
    const lost = await ask({}, session);
    assert.equal(lost.status, 503);
    assert.match(await lost.text(), /"code":"answer_lost"/);
    assert.equal(second.asked.length, 0);
  });

  it('leaves one alone that is not well, and comes back to it', async () => {
    const session = await sessionOfFirst();
    first.well = false;
    await eventually(async () => (await up()) === 1, 'one backend that is away');
    assert.equal((await ask({}, session)).headers.get('polypod-node'), 'second');
    first.well = true;
    await eventually(async () => (await up()) === 2, 'a backend that is back');
    assert.equal((await ask({}, session)).headers.get('polypod-node'), 'first');
  });

  it('opens the circuit of one that can not be reached, and asks others meanwhile', async () => {
    const lonely = new PlainServer();
    const url = await lonely.start();
    const gateway = await startTestNode({
      role: 'gateway',
      backends: [
        { name: 'lonely', url, checkSeconds: 60 },
        { name: 'second', url: second.url, checkSeconds: 60 },
      ],
      routing: { breaker: { failures: 2, openSeconds: 60 } },
    });
    try {
      lonely.stop();
      for (let session = 0; session < 20; session++) {
        const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'polypod-session': `${session}` },
          body: JSON.stringify({ model: 'big', messages: [{ role: 'user', content: 'Hi' }] }),
        });
        assert.equal(answer.headers.get('polypod-node'), 'second');
      }
      const text = await (await fetch(gateway.node.metricsUrl)).text();
      assert.match(text, /polypod_circuit_breaker_state\{target="backend\/lonely"\} 2/);
      assert.match(text, /polypod_forward_retries_total\{cause="connection"\} 2/);
    } finally {
      await gateway.stop();
    }
  });

  it('says what is wrong with its configuration', () => {
    const problems = configSchema.safeParse({
      backends: [{ url: 'ftp://x' }, { name: 'a', url: 'http://a/v1' }, { name: 'a', url: 'http://b/v1' }],
    });
    assert.match(String(problems.error), /it must be a URL such as/);
    const twice = configSchema.safeParse({ backends: [{ url: 'http://a/v1' }, { url: 'http://a/v2' }] });
    assert.match(String(twice.error), /another backend is called a too/);
  });
});
