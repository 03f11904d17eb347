import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DatabaseConfig } from '../../src/database/pool.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const ANN = { cookie: `polypod_browser=${'a'.repeat(43)}` };
const BOB = { cookie: `polypod_browser=${'b'.repeat(43)}` };

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly excerpt?: string;
}

interface Item {
  readonly id: string;
  readonly role: string;
  readonly status: string;
  readonly content: { type: string; text: string }[];
}

describe('/v1/conversations', () => {
  let postgres: TestPostgres;
  let database: DatabaseConfig;
  let node: TestNode;
  before(async () => {
    postgres = await startTestPostgres();
    database = await postgres.database();
    node = await startTestNode({
      database,
      models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 300 }],
    });
  });
  after(async () => {
    await node?.stop();
    await postgres?.stop();
  });

  const call = async <Result = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = ANN,
  ) => {
    const answer = await fetch(`${node.url}/v1/conversations${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Result };
  };
  const list = async (query: string, headers = ANN) =>
    (await call<{ data: Listed[]; has_more: boolean; last_id: string }>('GET', query, undefined, headers))
      .body;
  const items = async (id: string) =>
    (await call<{ data: Item[] }>('GET', `/${id}/items?order=asc&limit=100`)).body.data;
  const created = async (title: string, headers = ANN, texts: readonly string[] = []) => {
    const content = texts.map((text) => ({ role: 'user', content: text }));
    const answer = await call<Listed>('POST', '', { title, items: content }, headers);
    assert.equal(answer.status, 200);
    return answer.body;
  };

  it("works as OpenAI's client expects", async () => {
    const { conversations } = node.client;
    const conversation = await conversations.create({
      metadata: { topic: 'zebras' },
      items: [{ type: 'message', role: 'user', content: 'Hello' }],
    });
    assert.match(conversation.id, /^conv_/);
    assert.deepEqual((await conversations.retrieve(conversation.id)).metadata, { topic: 'zebras' });
    await conversations.update(conversation.id, { metadata: { topic: 'horses' } });
    assert.deepEqual((await conversations.retrieve(conversation.id)).metadata, { topic: 'horses' });
    const added = await conversations.items.create(conversation.id, {
      items: [{ type: 'message', role: 'assistant', content: 'Hello, you.' }],
    });
    const [item] = added.data;
    assert.ok(item?.id);
    const all = [];
    for await (const each of conversations.items.list(conversation.id, { limit: 1, order: 'asc' }))
      all.push(each);
    assert.deepEqual(
      all.map((each) => each.type === 'message' && each.role),
      ['user', 'assistant'],
    );
    await conversations.items.delete(item.id, { conversation_id: conversation.id });
    await assert.rejects(conversations.items.retrieve(item.id, { conversation_id: conversation.id }), {
      status: 404,
    });
    assert.equal((await conversations.delete(conversation.id)).deleted, true);
    await assert.rejects(conversations.retrieve(conversation.id), { status: 404 });
  });

  it('lists the latest first, in pages that neither skip nor repeat', async () => {
    const headers = { cookie: `polypod_browser=${'c'.repeat(43)}` };
    const made: string[] = [];
    for (let count = 0; count < 7; count++) made.push((await created(`Number ${count}`, headers)).id);
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const page = await list(`?limit=3${after}`, headers);
      seen.push(...page.data.map(({ id }) => id));
      if (!page.has_more) break;
      after = `&after=${page.last_id}`;
    }
    assert.deepEqual(seen, made.toReversed());
    const oldest = await list('?limit=2&order=asc', headers);
    assert.deepEqual(
      oldest.data.map(({ id }) => id),
      made.slice(0, 2),
    );
  });

  it('finds words of any message, and of titles, by their beginnings', async () => {
    const { id } = await created('About stripes', ANN, ['Where do Zebras live?', 'In der Nähe von Wölfen']);
    for (const query of ['zebra', 'ZEB liv', 'stripes', 'wölf', "zebras' OR 1=1 --", 'zebra & !|(:*']) {
      const found = await list(`?query=${encodeURIComponent(query)}`);
      const expected = /OR 1=1/.test(query) ? [] : [id];
      assert.deepEqual(
        found.data.map((each) => each.id),
        expected,
        query,
      );
    }
    assert.match((await list('?query=zebra')).data[0]?.excerpt ?? '', /Where do Zebras live/);
    assert.deepEqual((await list('?query=unicorn')).data, []);
    assert.deepEqual((await list('?query=%26%26')).data, []);
    assert.deepEqual((await list('?query=zebra', BOB)).data, [], 'only what is one’s own');
  });

  it('exports as JSON and as Markdown', async () => {
    const { id } = await created('A "title"\r\nset-cookie: x', ANN, [
      '# not a heading of ours\n```\ncode\n```',
    ]);
    const json = await fetch(`${node.url}/v1/conversations/${id}/export`, { headers: ANN });
    assert.equal(json.headers.get('content-disposition'), `attachment; filename="${id}.json"`);
    const exported = (await json.json()) as { id: string; items: Item[] };
    assert.equal(exported.id, id);
    assert.equal(exported.items.length, 1);
    const markdown = await fetch(`${node.url}/v1/conversations/${id}/export?format=markdown`, {
      headers: ANN,
    });
    assert.match(markdown.headers.get('content-type') ?? '', /^text\/markdown/);
    assert.equal(markdown.headers.get('set-cookie'), null);
    const text = await markdown.text();
    assert.match(text, /^# A "title" set-cookie: x\n/);
    assert.match(text, /## You\n\n# not a heading of ours\n```\ncode\n```\n$/);
  });

  it("shows nobody another's: 404, as if there were none", async () => {
    const { id } = await created('Private', ANN, ['A secret']);
    const [item] = await items(id);
    for (const [method, path, body] of [
      ['GET', `/${id}`],
      ['POST', `/${id}`, { title: 'Mine' }],
      ['DELETE', `/${id}`],
      ['GET', `/${id}/items`],
      ['POST', `/${id}/items`, { items: [{ role: 'user', content: 'x' }] }],
      ['GET', `/${id}/items/${item?.id}`],
      ['DELETE', `/${id}/items/${item?.id}`],
      ['GET', `/${id}/export`],
    ] as const) {
      const answer = await call<{ error: { code: string } }>(method, path, body, BOB);
      assert.deepEqual([answer.status, answer.body.error.code], [404, 'conversation_not_found'], path);
    }
    const { body } = await call<Listed>('GET', `/${id}`);
    assert.equal(body.title, 'Private');
    const client = await ChatClient.connect(node.url, BOB);
    for (const frame of [
      { type: 'subscribe', conversation: id },
      { type: 'start', id: 'a-start-of-bob', conversation: id, model: 'demo', content: 'Hi' },
      { type: 'cancel', conversation: id, message: item?.id },
    ]) {
      const from = client.frames.length;
      client.send(frame);
      assert.equal((await client.next('error', from)).error.code, 'conversation_not_found', frame.type);
    }
    client.close();
  });

  it("tells nobody of another's: no frame, whatever session he claims to go on with", async () => {
    const [ann, bob] = await Promise.all([
      ChatClient.connect(node.url, ANN, '?session_id=ann-s'),
      ChatClient.connect(node.url, BOB, '?session_id=ann-s'),
    ]);
    const { conversation, message } = await ann.start('Only for me', { options: { max_tokens: 5 } });
    await ann.done(message);
    bob.send({ type: 'subscribe', conversation, after: message, have: { [message]: 0 } });
    assert.equal((await bob.next('error')).error.code, 'conversation_not_found');
    await call('POST', `/${conversation}`, { title: 'Renamed' });
    await call('DELETE', `/${conversation}`);
    await ann.next('deleted');
    bob.send({ type: 'ping' });
    await bob.next('pong');
    assert.deepEqual(
      bob.frames.map(({ type }) => type),
      ['ready', 'error', 'pong'],
    );
    for (const client of [ann, bob]) client.close();
  });

  it('refuses what makes no sense, and stores whatever text does', async () => {
    const codeOf = async (method: string, path: string, body?: unknown) =>
      (await call<{ error: { param: string } }>(method, path, body)).body.error.param;
    assert.equal(await codeOf('POST', '', { items: [{ role: 'robot', content: 'x' }] }), 'items[0].role');
    assert.equal(await codeOf('POST', '', { title: 'x'.repeat(201) }), 'title');
    assert.equal(await codeOf('POST', '', { name: 'x' }), 'name');
    assert.equal(await codeOf('GET', '?limit=0'), 'limit');
    assert.equal(await codeOf('GET', '?limit=1%20OR%201=1'), 'limit');
    assert.equal(await codeOf('GET', "?order=asc'--"), 'order');
    const texts = [
      "'; DROP TABLE messages; --",
      'nul \0 here',
      'half a pair \ud800 here',
      '\u202e right to left',
      '🦓',
    ];
    const { id } = await created('\0 \ud800 title', ANN, texts);
    assert.deepEqual(
      (await items(id)).map(({ content }) => content[0]?.text),
      texts.map((text) => text.replace(/\0|\ud800/, '\ufffd')),
    );
    const long = `${'word '.repeat(400_000)}end`;
    const answer = await call('POST', `/${id}/items`, { items: [{ role: 'user', content: long }] });
    assert.equal(answer.status, 200);
    assert.equal((await call('GET', '/conv_x%27%20OR%201=1')).status, 404);
  });

  it('deletes with what is still being written, and nothing comes back', async () => {
    const client = await ChatClient.connect(node.url, ANN);
    const { conversation, message } = await client.start('Never end', {
      options: { logit_bias: { 257: -100 } },
    });
    await client.until((frame) => frame.type === 'chunk' && frame.seq === 3);
    assert.equal((await call('DELETE', `/${conversation}`)).status, 200);
    await client.next('deleted');
    await eventually(() => node.node.engines.get('demo')?.load.running === 0, 'the end of the stream');
    await eventually(async () => (await postgres.query(database, 'SELECT 1')).length === 1);
    const left = await postgres.query(database, 'SELECT id FROM messages WHERE id = $1', [message]);
    assert.deepEqual(left, []);
    assert.equal((await call('GET', `/${conversation}`)).status, 404);
    client.close();
  });
});

describe('conversations when things fail', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(async () => {
    await node?.stop();
    await postgres?.stop();
  });
  let node: TestNode | undefined;
  const start = async (config: Parameters<typeof startTestNode>[0] = {}) => {
    await node?.stop();
    node = await startTestNode(config);
    return node;
  };

  const messages = (database: DatabaseConfig, conversation: string) =>
    postgres.query(
      database,
      'SELECT id, role, content, status FROM messages WHERE conversation = $1 ORDER BY turn, place',
      [conversation],
    );

  it('go on without the database, and are stored once when it is back', async () => {
    const database = await postgres.database();
    const node = await start({ database });
    const client = await ChatClient.connect(node.url);
    const earlier = await client.start('Before', { options: { max_tokens: 5 } });
    await client.done(earlier.message);
    await eventually(
      async () => (await messages(database, earlier.conversation))[1]?.status === 'incomplete',
    );
    const { conversation: untouched } = await client.start('Another', { options: { max_tokens: 5 } });
    await postgres.kill();
    await eventually(async () =>
      /^polypod_database_away 1$/m.test(await (await fetch(node.node.metricsUrl)).text()),
    );
    const begun = await client.start('While it is away', { options: { max_tokens: 5 } });
    await client.done(begun.message);
    const next = await client.start('And on', {
      conversation: begun.conversation,
      options: { max_tokens: 5 },
    });
    await client.done(next.message);
    const known = await client.start('Go on', {
      conversation: earlier.conversation,
      options: { max_tokens: 5 },
    });
    await client.done(known.message);
    const list = await fetch(`${node.url}/v1/conversations`);
    assert.equal(list.status, 503);
    assert.match(await list.text(), /database_unavailable/);
    await postgres.restart();
    await eventually(async () => (await messages(database, begun.conversation)).length === 4, 'storing');
    assert.deepEqual(
      (await messages(database, begun.conversation)).map(({ role, content }) => [role, content]),
      [
        ['user', 'While it is away'],
        ['assistant', client.text(begun.message)],
        ['user', 'And on'],
        ['assistant', client.text(next.message)],
      ],
    );
    await eventually(async () => (await messages(database, earlier.conversation)).length === 4);
    assert.equal((await messages(database, untouched)).length, 2);
    client.close();
  });

  it('say what they need where no database is configured; the WebSocket works all the same', async () => {
    const node = await start();
    const list = await fetch(`${node.url}/v1/conversations`);
    assert.equal(list.status, 503);
    assert.match(await list.text(), /database_required/);
    const client = await ChatClient.connect(node.url);
    const one = await client.start('Hi', { options: { max_tokens: 5 } });
    await client.done(one.message);
    const two = await client.start('Again', { conversation: one.conversation, options: { max_tokens: 5 } });
    await client.done(two.message);
    const other = await ChatClient.connect(node.url);
    other.send({ type: 'subscribe', conversation: one.conversation });
    await other.until((frame) => frame.type === 'message' && frame.message.id === two.message);
    for (const each of [client, other]) each.close();
  });
});
