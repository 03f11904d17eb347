import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { WebSocket } from 'ws';
import { HybridCache } from '../../src/cache/hybrid-cache.js';
import { connectDatabase } from '../../src/database/database.js';
import type { DatabaseConfig } from '../../src/database/pool.js';
import { ApiKeys } from '../../src/identity/api-keys.js';
import { Metrics } from '../../src/operations/metrics.js';
import type { ChatSession } from '../../src/websocket/sessions.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const FOREVER = { logit_bias: { 257: -100 } };

describe('/ws/chat on two nodes', () => {
  let redis: TestRedis;
  let postgres: TestPostgres;
  let database: DatabaseConfig;
  let first: TestNode;
  let second: TestNode;
  const clients: ChatClient[] = [];
  const connect = async (node: TestNode, headers = {}, query = '') => {
    const client = await ChatClient.connect(node.url, headers, query);
    clients.push(client);
    return client;
  };
  before(async () => {
    [redis, postgres] = await Promise.all([startTestRedis(), startTestPostgres()]);
    database = await postgres.database();
    const start = (nodeId: string) =>
      startTestNode({
        nodeId,
        database,
        redis: { host: redis.host, port: redis.port },
        models: [{ id: 'demo', source: 'demo:', threads: 1, contextSize: 512, tokensPerSecond: 150 }],
        websocket: { maxFrameBytes: 4096, maxConnectionsPerUser: 12, maxSubscriptions: 3 },
      });
    [first, second] = await Promise.all([start('first'), start('second')]);
  });
  after(async () => {
    for (const client of clients) client.close();
    await Promise.all([first?.stop(), second?.stop()]);
    await Promise.all([redis?.stop(), postgres?.stop()]);
  });

  const metric = async (node: TestNode, name: string) => {
    const text = await (await fetch(node.node.metricsUrl)).text();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (.+)$`, 'm').exec(text)?.[1] ?? 0);
  };
  const items = async (node: TestNode, conversation: string) => {
    const answer = await fetch(`${node.url}/v1/conversations/${conversation}/items?order=asc`);
    const { data } = (await answer.json()) as { data: unknown };
    return data as { id: string; role: string; status: string; content: { text: string }[] }[];
  };

  it('answers a message in numbered chunks, and stores both once', async () => {
    const client = await connect(first);
    const { conversation, message } = await client.start('Who are you?');
    const done = await client.done(message);
    const chunks = client.chunks(message);
    assert.ok(chunks.length > 10);
    assert.deepEqual(
      chunks.map(({ seq }) => seq),
      [...chunks.keys()],
    );
    assert.equal(done.seq, chunks.length);
    assert.equal(done.status, 'completed');
    await eventually(async () => (await items(second, conversation))[1]?.status === 'completed');
    const stored = await items(second, conversation);
    assert.deepEqual(
      stored.map(({ role, content }) => [role, content[0]?.text]),
      [
        ['user', 'Who are you?'],
        ['assistant', client.text(message)],
      ],
    );
    assert.equal(stored[1]?.id, message);
  });

  it('goes on with what was said before', async () => {
    const client = await connect(first);
    const { conversation, message } = await client.start('One', { options: { max_tokens: 3 } });
    assert.equal((await client.done(message)).reason, 'max_output_tokens');
    const elsewhere = await connect(second);
    const next = await elsewhere.start('Two', { conversation, options: { max_tokens: 3 } });
    await elsewhere.done(next.message);
    assert.equal(
      elsewhere.frames.some((frame) => frame.type === 'message' && frame.message.content === 'One'),
      false,
      'who starts without following is not sent what came before',
    );
    await client.done(next.message);
    await eventually(async () => (await items(first, conversation))[3]?.status === 'incomplete');
    const stored = await items(first, conversation);
    assert.deepEqual(
      stored.map(({ role }) => role),
      ['user', 'assistant', 'user', 'assistant'],
    );
  });

  it('shows several devices on different nodes the same messages and chunks, live and in order', async () => {
    const [one, two, three] = await Promise.all([connect(first), connect(second), connect(second)]);
    // Long enough for the others to come while it is being written.
    const options = { ...FOREVER, max_tokens: 150 };
    const { conversation, message } = await one.start('Who are you?', { options });
    two.send({ type: 'subscribe', conversation });
    await two.next('subscribed');
    // Both devices speak at once.
    const again = await two.start('And who else?', { conversation });
    await Promise.all([one.done(again.message), two.done(again.message), two.done(message)]);
    three.send({ type: 'subscribe', conversation });
    const whole = await three.until(
      (frame) => frame.type === 'message' && frame.message.id === again.message,
    );
    assert.ok(whole.type === 'message');
    for (const id of [message, again.message]) {
      assert.deepEqual(two.chunks(id), one.chunks(id));
      assert.deepEqual(
        one.chunks(id).map(({ seq }) => seq),
        [...one.chunks(id).keys()],
      );
    }
    assert.equal(whole.message.content || three.text(again.message), one.text(again.message));
    const order = (client: ChatClient) =>
      client.frames.flatMap((frame) => (frame.type === 'message' ? [frame.message.id] : []));
    assert.deepEqual(order(two), order(one));
    assert.deepEqual(order(three), order(one));
  });

  it('recovers exactly the missing chunks at another node', async () => {
    const client = await connect(first, {}, '?session_id=device-7');
    const { conversation, message } = await client.start('Who are you?');
    await client.until((frame) => frame.type === 'chunk' && frame.seq === 9);
    client.close();
    const had = client.chunks(message);
    const again = await connect(second, {}, '?session_id=device-7');
    again.send({ type: 'subscribe', conversation, have: { [message]: had.length - 1 }, after: message });
    const done = await again.done(message);
    assert.deepEqual(
      [...had, ...again.chunks(message)].map(({ seq }) => seq),
      Array.from({ length: done.seq }, (_, seq) => seq),
    );
    assert.equal(
      again.frames.some(({ type }) => type === 'message'),
      false,
      'it has all messages',
    );
    // Once the answer is over, too.
    const late = await connect(first);
    late.send({ type: 'subscribe', conversation, have: { [message]: 3 }, after: message });
    await late.done(message);
    assert.deepEqual(
      late.chunks(message).map(({ seq }) => seq),
      Array.from({ length: done.seq - 4 }, (_, index) => index + 4),
    );
    assert.ok((await metric(first, 'polypod_websocket_chunks_recovered_total')) >= 1);
    await eventually(async () => (await metric(second, 'polypod_websocket_reconnects_total')) === 1);
  });

  it('begins a turn once, however often it is asked for', async () => {
    const [one, two] = await Promise.all([connect(first), connect(second)]);
    const frame = {
      type: 'start',
      id: randomUUID(),
      model: 'demo',
      content: 'Once',
      options: { ...FOREVER, max_tokens: 20 },
    };
    for (const client of [one, two, one]) client.send(frame);
    const [started, same] = await Promise.all([one.next('started'), two.next('started')]);
    assert.deepEqual(same, started);
    await Promise.all([one.done(started.message), two.done(started.message)]);
    two.send(frame);
    await two.next('started', two.frames.indexOf(same) + 1);
    await eventually(async () => (await items(first, started.conversation))[1]?.status === 'incomplete');
    assert.equal((await items(first, started.conversation)).length, 2);
    assert.equal(two.text(started.message), one.text(started.message));
  });

  it('cancels at any node, and tries an answer again in place of the old one', async () => {
    const client = await connect(first);
    const { conversation, message } = await client.start('Never end', { options: FOREVER });
    await client.until((frame) => frame.type === 'chunk' && frame.seq === 3);
    const other = await connect(second);
    other.send({ type: 'cancel', conversation, message, request: 'c1' });
    assert.equal((await other.next('cancelled')).request, 'c1');
    const done = await client.done(message);
    assert.deepEqual([done.status, done.reason], ['incomplete', 'cancelled']);
    await eventually(async () => (await items(first, conversation))[1]?.status === 'incomplete');
    const again = await client.start('', { content: undefined, conversation, retry: message });
    const told = await client.until(
      (frame) => frame.type === 'message' && frame.message.id === again.message,
    );
    assert.ok(told.type === 'message' && told.replaces === message);
    await client.done(again.message);
    await eventually(async () => (await items(first, conversation))[1]?.status === 'completed');
    const stored = await items(first, conversation);
    assert.deepEqual(
      stored.map(({ id, role }) => [role, id === again.message]),
      [
        ['user', false],
        ['assistant', true],
      ],
    );
  });

  it('says what is wrong with a frame, and stays', async () => {
    const client = await connect(first);
    const codeOf = async (frame: object | string) => {
      const from = client.frames.length;
      client.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
      const { error } = await client.next('error', from);
      return [error.code, error.param];
    };
    assert.deepEqual(await codeOf('{"type":'), ['invalid_json', null]);
    assert.deepEqual(await codeOf('['.repeat(300)), ['invalid_json', null]);
    assert.deepEqual(await codeOf(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`), ['invalid_json', null]);
    assert.deepEqual(await codeOf('null'), ['invalid_type', null]);
    assert.deepEqual(await codeOf({ type: 'sing' }), ['invalid_value', 'type']);
    assert.deepEqual(await codeOf({ type: 'ping', more: 1 }), ['unknown_parameter', 'more']);
    assert.deepEqual(await codeOf({ type: 'subscribe', conversation: "x'; DROP TABLE messages; --" }), [
      'invalid_value',
      'conversation',
    ]);
    assert.deepEqual(await codeOf({ type: 'subscribe', conversation: 'conv_none' }), [
      'conversation_not_found',
      null,
    ]);
    const start = { type: 'start', id: randomUUID(), content: 'Hi' };
    assert.deepEqual(await codeOf({ ...start, model: 'none' }), ['model_not_found', 'model']);
    assert.deepEqual(await codeOf({ ...start, model: 'demo', options: { temperature: 9 } }), [
      'invalid_value',
      'options.temperature',
    ]);
    assert.deepEqual(await codeOf({ ...start, model: 'demo', content: 'word '.repeat(700), options: {} }), [
      'context_length_exceeded',
      'messages',
    ]);
    const list = (await (await fetch(`${first.url}/v1/conversations`)).json()) as {
      data: { title: string }[];
    };
    assert.equal(
      list.data.some(({ title }) => title.startsWith('word word')),
      false,
      'what is refused leaves nothing behind',
    );
    client.send({ type: 'ping', request: 'p' });
    assert.equal((await client.next('pong')).request, 'p');
  });

  it('closes on frames that are too large, binary, no UTF-8, or nonsense again and again', async () => {
    const large = await connect(first);
    large.socket.send('x'.repeat(5000));
    assert.equal((await large.whenClosed()).code, 1009);
    const binary = await connect(first);
    binary.socket.send(Buffer.from('{"type":"ping"}'));
    assert.equal((await binary.whenClosed()).code, 1003);
    const nonsense = await connect(first);
    for (let count = 0; count < 25; count++) nonsense.socket.send('nonsense');
    assert.equal((await nonsense.whenClosed()).code, 1008);
  });

  it('lets in whom it should', async () => {
    const port = new URL(first.url).port;
    await connect(first, { origin: `http://127.0.0.1:${port}` });
    assert.deepEqual(await ChatClient.refused(first.url, { origin: 'https://evil.example' }), {
      status: 403,
      code: 'origin_not_allowed',
    });
    assert.deepEqual(await ChatClient.refused(first.url, { origin: 'null' }), {
      status: 403,
      code: 'origin_not_allowed',
    });
    assert.equal((await ChatClient.refused(first.url, {}, '?token=dev-token')).status, 400);
    assert.equal((await ChatClient.refused(first.url, {}, '?session_id=a%0d%0ab')).status, 400);
    assert.deepEqual(await ChatClient.refused(first.url, {}, '?user_id=somebody-else'), {
      status: 403,
      code: 'user_mismatch',
    });
    assert.ok((await metric(first, 'polypod_websocket_refused_total')) >= 5);
    // A client that offers HTTP/2 is answered as if it had not.
    const plain = await fetch(`${first.url}/ws/chat`);
    assert.equal(plain.status, 404);
  });

  it('bounds what one connection and one user hold', async () => {
    const client = await connect(second);
    for (const content of ['a', 'b', 'c']) {
      await client.start(content, { options: { max_tokens: 1 } });
    }
    client.send({ type: 'start', id: randomUUID(), model: 'demo', content: 'd', options: { max_tokens: 1 } });
    assert.equal((await client.next('error')).error.code, 'too_many_subscriptions');
    const more: ChatClient[] = [];
    await assert.rejects(async () => {
      for (let count = 0; count < 20; count++) more.push(await connect(second));
    });
    assert.deepEqual(await ChatClient.refused(second.url), { status: 429, code: 'too_many_connections' });
    for (const each of [client, ...more]) each.close();
    await eventually(async () => {
      const [free] = await Promise.allSettled([connect(second)]);
      return free?.status === 'fulfilled';
    });
  });

  it('shows operators, and nobody else, who is connected to which node', async () => {
    const store = await connectDatabase(database, { onOutage: () => {} });
    const cache = new HybridCache({ connections: undefined, nodeId: 'test', metrics: new Metrics() });
    const keys = new ApiKeys(store, cache);
    const ask = async (key?: string) =>
      fetch(`${first.url}/api/v1/sessions`, {
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      });
    const { key: user } = await keys.create('a user', 'user', null);
    const { key: operator } = await keys.create('an operator', 'operator', null);
    assert.deepEqual([(await ask()).status, (await ask(user)).status], [401, 403]);
    // Clients choose the names: two may choose the same.
    const devices = [await connect(second, {}, '?session_id=device-8')];
    devices.push(await connect(second, { authorization: `Bearer ${user}` }, '?session_id=device-8'));
    const turns = await Promise.all(
      devices.map((device) => device.start('Hi', { options: { max_tokens: 1 } })),
    );
    const find = async () => {
      const { data } = (await (await ask(operator)).json()) as { data: readonly ChatSession[] };
      return data.filter(({ id }) => id === 'device-8');
    };
    const followed = async () => (await find()).flatMap(({ conversations }) => conversations).sort();
    const begun = turns.map(({ conversation }) => conversation).sort();
    await eventually(async () => isDeepStrictEqual(await followed(), begun), 'both devices');
    assert.ok((await find()).every(({ node, address }) => node === 'second' && address === '127.0.0.1'));
    for (const device of devices) device.close();
    await eventually(async () => (await find()).length === 0, 'no device');
    await cache.close();
    await store.close();
  });

  it('tells devices to go elsewhere when the node drains', async () => {
    const third = await startTestNode({
      nodeId: 'third',
      redis: { host: redis.host, port: redis.port },
      database,
    });
    const client = await connect(third);
    const draining = third.node.drain();
    assert.match((await client.next('closing')).reason, /connect again/);
    assert.equal((await client.whenClosed()).code, 1012);
    assert.equal((await ChatClient.refused(third.url)).code, 'draining');
    await draining;
    await third.stop();
  });

  it('finds dead connections', async () => {
    const node = await startTestNode({ websocket: { heartbeatSeconds: 1.5 } });
    const alive = await connect(node);
    const dead = new WebSocket(`${node.url.replace('http', 'ws')}/ws/chat`, { autoPong: false });
    dead.on('error', () => {});
    await once(dead, 'open');
    await once(dead, 'close');
    assert.equal(alive.socket.readyState, WebSocket.OPEN);
    await eventually(async () => (await metric(node, 'polypod_websocket_connections')) === 1);
    alive.close();
    await node.stop();
  });

  it('waits for a reader that is behind, reads no further from it, and tells all once it reads again', async () => {
    const node = await startTestNode({ websocket: { maxBufferedBytes: 1024 } });
    const client = await connect(node);
    client.socket.pause();
    // More than the sockets of both sides hold.
    const count = 2_000;
    const field = 'x'.repeat(3_000);
    for (let index = 0; index < count; index++) {
      client.send({ type: 'ping', [field]: index });
      client.send({ type: 'ping', request: String(index) });
    }
    await eventually(async () => (await metric(node, 'polypod_websocket_pauses_total')) > 0, 'a pause');
    const heard = await metric(node, 'polypod_websocket_frames_total\\{direction="in"\\}');
    assert.ok(heard < 2 * count, `${heard} of ${2 * count} frames were read`);
    client.socket.resume();
    await client.until((frame) => frame.type === 'pong' && frame.request === String(count - 1));
    assert.deepEqual(
      client.frames.flatMap((frame) => (frame.type === 'pong' ? [Number(frame.request)] : [])),
      Array.from({ length: count }, (_, index) => index),
    );
    client.close();
    await node.stop();
  });
});
