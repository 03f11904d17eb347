import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ResponseBuilder } from '../../src/api/openai/responses-rendering.js';
import type { GenerationEvent, ToolCallDelta } from '../../src/engine/generation.js';

const delta = (token: string, text: string, call?: ToolCallDelta): GenerationEvent => ({
  type: 'delta',
  tokens: [1],
  text,
  logprobs: [{ token, logprob: -1, bytes: [...Buffer.from(token)], top: [] }],
  ...(call && { toolCalls: [call] }),
});

describe("a response's log probabilities", () => {
  /** The items that events open and close, and the tokens that each message tells the log probabilities of. */
  const render = (deltas: readonly GenerationEvent[]) => {
    const builder = new ResponseBuilder({
      ...{ id: 'resp_1', kind: 'response', created: 0, model: 'm', requests: [], rendering: {} },
    });
    const events = [
      { type: 'started' as const, promptTokens: 1 },
      ...deltas,
      { type: 'finished' as const, reason: 'stop' as const, completionTokens: 1, cachedTokens: 0 },
    ].flatMap((event) => builder.add({ type: 'event', choice: 0, event }));
    const told = events.flatMap(({ type, logprobs }) =>
      type === 'response.output_text.delta' && Array.isArray(logprobs) ? logprobs : [],
    );
    return {
      opened: events.flatMap(({ type, item }) =>
        type === 'response.output_item.added' ? [Reflect.get(Object(item), 'type')] : [],
      ),
      told: told.map(({ token }) => token).join(''),
    };
  };
  const call = { index: 0, id: 'call_1', name: 'look', arguments: '{}' };

  it('open no message where tokens are those of a call', () => {
    const deltas = [delta('<call>', ''), delta('{}', '', call), delta('</call>', '')];
    assert.deepEqual(render(deltas), { opened: ['function_call'], told: '' });
    const spoken = [delta('Well.', 'Well.'), ...deltas];
    assert.deepEqual(render(spoken), { opened: ['message', 'function_call'], told: 'Well.' });
  });

  it('are kept of tokens whose text comes later, or never', () => {
    const deltas = [delta('a', ''), delta('b', 'ab'), delta('c', '')];
    assert.deepEqual(render(deltas), { opened: ['message'], told: 'abc' });
  });
});
