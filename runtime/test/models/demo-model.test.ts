import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DEMO_SENTENCES } from '../../src/models/gguf/demo-text.js';
import { startTestNode, type TestNode } from '../support/node.js';

const SEEDS = 24;

describe('the demonstration model', () => {
  let node: TestNode;
  before(async () => {
    node = await startTestNode();
  });
  after(() => node.stop());

  async function answer(sampling: { temperature: number; seed?: number }) {
    const { choices } = await node.client.chat.completions.create({
      model: 'demo',
      messages: [{ role: 'user', content: 'Hi' }],
      ...sampling,
    });
    return { text: choices[0]?.message.content ?? '', end: choices[0]?.finish_reason };
  }

  it('says all that it has to say', async () => {
    assert.deepEqual(await answer({ temperature: 0 }), { text: DEMO_SENTENCES.join(' '), end: 'stop' });
  });

  it('leaves sentences out when it samples, but comes to an end', async () => {
    const texts = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const { text, end } = await answer({ temperature: 1, seed });
      const said = DEMO_SENTENCES.filter((sentence) => text.includes(sentence));
      assert.equal(text, said.join(' '));
      assert.equal(end, 'stop');
      texts.add(text);
    }
    assert.ok(texts.size > 1);
  });
});
