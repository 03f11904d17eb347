import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ChatClient } from '../support/chat-client.js';
import fc from '../support/fuzz.js';
import { startTestNode, type TestNode } from '../support/node.js';

const FRAMES = 10_000;
const A_CONNECTION = 250;

describe('/ws/chat under frames that nobody foresaw', () => {
  let node: TestNode;
  before(async () => {
    node = await startTestNode({ websocket: { maxFrameBytes: 64 * 1024 } });
  });
  after(() => node.stop());

  const metrics = async () => (await fetch(node.node.metricsUrl)).text();
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.constantFrom(
      "'; DROP TABLE messages; --",
      'a\r\nset-cookie: x',
      '../../etc/passwd',
      '\u0000',
      '\ud800',
    ),
    fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty', '$where', '{{7*7}}'),
  );
  const field = fc.oneof(hostile, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue());
  const frame = fc
    .record(
      {
        type: fc.oneof(fc.constantFrom('start', 'subscribe', 'unsubscribe', 'cancel', 'ping'), hostile),
        request: field,
        id: fc.oneof(fc.stringMatching(/^[\w-]{8,20}$/), field),
        conversation: fc.oneof(fc.stringMatching(/^conv_[0-9a-f]{8}$/), field),
        message: field,
        model: fc.oneof(fc.constant('demo'), field),
        content: fc.oneof(hostile, field),
        retry: field,
        after: field,
        have: fc.oneof(fc.dictionary(hostile, field), field),
        options: fc.oneof(fc.constant({ max_tokens: 1 }), fc.dictionary(hostile, field), field),
      },
      { requiredKeys: ['type'] },
    )
    .map((value) => JSON.stringify(value));
  const text = fc.oneof(
    { weight: 6, arbitrary: frame },
    { weight: 2, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: frame.map((whole) => whole.slice(0, whole.length / 2)) },
  );

  it('answers each, or closes with a reason, and neither crashes nor keeps anything', async () => {
    const texts = fc.sample(text, { numRuns: FRAMES, seed: 6 });
    let answered = 0;
    for (let at = 0; at < FRAMES; ) {
      const client = await ChatClient.connect(node.url);
      const batch = texts.slice(at, at + A_CONNECTION);
      // A good frame now and then: else the connection is closed for nonsense, which is another test.
      for (const [index, each] of batch.entries()) {
        client.socket.send(each);
        if (index % 10 === 9) client.send({ type: 'ping', request: `mark-${index}` });
      }
      const last = batch.length - (batch.length % 10) - 1;
      await client.until((each) => each.type === 'pong' && each.request === `mark-${last}`);
      for (const each of client.frames) {
        if (each.type !== 'error') continue;
        assert.notEqual(each.error.code, 'internal_error', JSON.stringify(each));
        assert.ok(each.error.message.length > 0);
        answered++;
      }
      at += batch.length;
      client.close();
    }
    assert.ok(answered > FRAMES / 2, `${answered} errors`);
    while (!/^polypod_websocket_connections 0$/m.test(await metrics())) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal((await fetch(`${node.url}/api/v1/health`)).status, 200);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
});
