import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestNode, type TestNode } from '../support/node.js';

describe('POST /v1/chat/completions', () => {
  let test: TestNode;
  before(async () => {
    test = await startTestNode();
  });
  after(() => test.stop());

  const messages = [{ role: 'user' as const, content: 'Hello' }];

  it('streams the text that it also answers in one piece, with the same usage', async () => {
    const whole = await test.client.chat.completions.create({ model: 'demo', messages, temperature: 0 });
    assert.match(
      whole.choices[0]?.message.content ?? '',
      /^Hello! I am the demonstration model .* cluster\.$/,
    );
    assert.equal(whole.choices[0]?.finish_reason, 'stop');

    const stream = await test.client.chat.completions.create({
      model: 'demo',
      messages,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let chunks = 0;
    let usage: unknown;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      chunks++;
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0]?.message.content);
    assert.deepEqual(usage, whole.usage);
    assert.ok(chunks > 150, `only ${chunks} chunks`);
  });
});
