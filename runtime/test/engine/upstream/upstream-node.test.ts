import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type OpenAI from 'openai';
import { startTestNode, type TestNode } from '../../support/node.js';
import { type Kind, TestUpstream } from '../../support/upstream.js';

for (const kind of ['vllm', 'ollama'] as const satisfies readonly Kind[]) {
  describe(`a node with ${kind} beside it`, () => {
    let upstream: TestUpstream;
    let node: TestNode;
    before(async () => {
      upstream = await TestUpstream.start(kind);
      upstream.models.add('tiny');
      node = await startTestNode({
        engine: { name: kind, url: upstream.url },
        models: [{ id: 'tiny', source: 'hf:owner/tiny/tiny.gguf', contextSize: 600, sequences: 4 }],
      });
    });
    after(async () => {
      await node.stop();
      await upstream.stop();
    });

    it('lists the model, and how it is resumed', async () => {
      const { data } = await node.client.models.list();
      assert.equal(data[0]?.id, 'tiny');
      assert.equal(Reflect.get(data[0] ?? {}, 'resumes_by'), kind === 'ollama' ? 'text' : 'tokens');
    });

    it('streams a chat to the official client, with usage', async () => {
      const stream = await node.client.chat.completions.create({
        model: 'tiny',
        messages: [{ role: 'user', content: 'tell' }],
        max_tokens: 50,
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = '';
      let usage: OpenAI.CompletionUsage | null | undefined;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        usage = chunk.usage ?? usage;
      }
      assert.ok(text.length > 30);
      assert.equal(usage?.completion_tokens, 50);
      const whole = await node.client.chat.completions.create({
        model: 'tiny',
        messages: [{ role: 'user', content: 'tell' }],
        max_tokens: 50,
        temperature: 0,
      });
      assert.equal(whole.choices[0]?.message.content, text);
      assert.equal(whole.choices[0]?.finish_reason, 'length');
      assert.equal(whole.usage?.prompt_tokens, usage?.prompt_tokens);
    });

    it('answers what does not fit with 400, before the first byte', async () => {
      const ask = node.client.completions.create({ model: 'tiny', prompt: 'x'.repeat(900), stream: true });
      await assert.rejects(ask, { status: 400, code: 'context_length_exceeded' });
    });

    it('answers several choices', async () => {
      const { choices } = await node.client.completions.create({
        model: 'tiny',
        prompt: '>',
        n: 3,
        max_tokens: 10,
        temperature: 1,
        seed: 5,
      });
      assert.equal(choices.length, 3);
    });

    it('answers 503 while the server is away', async () => {
      upstream.loading = true;
      const ask = node.client.completions.create({ model: 'tiny', prompt: '>' });
      await assert.rejects(ask, { status: 503, code: 'model_unavailable' });
      upstream.loading = false;
    });

    if (kind === 'ollama') {
      it('answers what the server can not honour with 400, by name', async () => {
        const ask = node.client.completions.create({ model: 'tiny', prompt: '>', logit_bias: { 5: 10 } });
        await assert.rejects(ask, { status: 400, param: 'logit_bias' });
      });
    }
  });
}
