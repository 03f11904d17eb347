import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ChatClient } from '../support/chat-client.js';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.js';

describe('/ws/chat on a gateway before two workers', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster(3, {
      config: (index) => ({
        role: index === 0 ? 'gateway' : 'all',
        models: [{ id: 'demo', source: 'demo:', threads: 1, contextSize: 512, tokensPerSecond: 60 }],
      }),
    });
  });
  after(() => cluster?.stop());

  it('has answers written by workers, goes on when they are killed, and stores each once', async () => {
    const [gateway, ...workers] = cluster.nodes;
    assert.ok(gateway);
    // It has heard of the workers and their models.
    await eventually(async () => {
      const answer = await fetch(`${gateway.url}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'demo', prompt: 'Hi', max_tokens: 1 }),
      });
      return answer.ok;
    }, 'a worker');
    const client = await ChatClient.connect(gateway.url);
    // One conversation belongs to one worker: with several, each worker has some.
    const turns = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((content) => client.start(content, { options: { temperature: 0 } })),
    );
    for (const { message } of turns) {
      await client.until((frame) => frame.type === 'chunk' && frame.message === message && frame.seq === 5);
    }
    await workers[0]?.kill('SIGKILL');
    const done = await Promise.all(turns.map(({ message }) => client.done(message)));
    for (const [index, { conversation, message }] of turns.entries()) {
      assert.deepEqual(
        client.chunks(message).map(({ seq }) => seq),
        Array.from({ length: done[index]?.seq ?? 0 }, (_, seq) => seq),
      );
      // Greedy: what a killed worker had begun ends as what another one wrote alone.
      assert.equal(client.text(message), client.text(turns[0]?.message ?? ''));
      const stored = () =>
        cluster.postgres.query(
          cluster.database,
          'SELECT role, content, status FROM messages WHERE conversation = $1 ORDER BY turn, place',
          [conversation],
        );
      await eventually(async () => (await stored())[1]?.status === 'completed', 'storing');
      const rows = await stored();
      assert.equal(rows.length, 2);
      assert.equal(rows[1]?.content, client.text(message));
    }
    client.close();
  });

  it('tells what the worker refuses', async () => {
    const client = await ChatClient.connect(cluster.nodes[0]?.url ?? '');
    client.send({ type: 'start', id: 'too-long-a-prompt', model: 'demo', content: 'word '.repeat(3000) });
    assert.equal((await client.next('error')).error.code, 'context_length_exceeded');
    client.close();
  });
});
