import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LocalCluster } from '../../local-cluster/local-cluster.js';
import { chatText, eventsIn } from '../support/sse.js';
import { postOf } from './stream-client.js';

const CLIENTS = 6;

it('restarts all nodes in turn under load without one failed request', { timeout: 600_000 }, async (test) => {
  const cluster = await LocalCluster.start({
    config: {
      logLevel: 'warn',
      drainSeconds: 10,
      models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 100, sequences: 8 }],
    },
  });
  const failures: string[] = [];
  let answered = 0;
  let done = false;
  const question = {
    model: 'demo',
    messages: [{ role: 'user', content: 'Who are you?' }],
    max_tokens: 60,
    temperature: 0,
  };
  const ask = async (stream: boolean): Promise<string> => {
    const response = await fetch(`${cluster.url}/v1/chat/completions`, postOf({ ...question, stream }));
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    if (!stream) return JSON.parse(text).choices[0].message.content;
    const events = eventsIn(text);
    if (events.at(-1)?.data !== '[DONE]') throw new Error('the stream was cut');
    return chatText(events);
  };
  try {
    const expected = await ask(false);
    const client = async (stream: boolean) => {
      while (!done) {
        const answer = await ask(stream).catch((error) => `failed: ${error.message} ${error.cause ?? ''}`);
        if (answer !== expected) failures.push(`${stream ? 'stream' : 'whole'}: ${answer.slice(0, 200)}`);
        answered++;
      }
    };
    const clients = Array.from({ length: CLIENTS }, (_, index) => client(index % 2 === 0));
    await cluster.rollingRestart(({ id }) => test.diagnostic(`${id} after ${answered} requests`));
    done = true;
    await Promise.all(clients);
  } finally {
    done = true;
    await cluster.stop();
  }
  test.diagnostic(`${answered} requests`);
  assert.deepEqual(failures, []);
  assert.ok(answered > CLIENTS, 'there was load');
});
