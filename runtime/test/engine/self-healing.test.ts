import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LlamaEngine } from '../../src/engine/llama/llama-engine.js';
import { Quarantine } from '../../src/engine/quarantine.js';
import { eventually } from '../support/cluster.js';
import { collect, never, startTinyEngine, textRequest } from '../support/models.js';
import { startTestNode, type TestNode } from '../support/node.js';

describe('an engine that hangs', () => {
  it('is ended and started again, and the answer goes on as if nothing had been', async () => {
    const { engine, stop } = await startTinyEngine({ hangSeconds: 1, tokensPerSecond: 50 });
    const expected = await collect(engine.generate(textRequest('one day'), never));
    const before = engine.pid;
    const events = engine.generate(textRequest('one day'), never);
    const tokens: number[] = [];
    for await (const event of events) {
      if (event.type !== 'delta') continue;
      tokens.push(...event.tokens);
      if (tokens.length === 10 && before !== undefined) process.kill(before, 'SIGSTOP');
    }
    assert.deepEqual(tokens, expected.tokens);
    assert.notEqual(engine.pid, before);
    await stop();
  });

  it('is not one that waits for work', async () => {
    const { engine, stop } = await startTinyEngine({ hangSeconds: 0.2 });
    const before = engine.pid;
    await new Promise((resolve) => setTimeout(resolve, 800));
    assert.equal(engine.pid, before);
    assert.equal(engine.state.phase, 'ready');
    await stop();
  });
});

describe('a model that fails again and again', () => {
  it('is quarantined, said to be, and tried again after a while', async () => {
    const test = await startTestNode({
      selfHealing: { failures: 2, windowSeconds: 60, cooldownSeconds: 2 },
    });
    await crash(test);
    await eventually(() => test.node.engines.get('demo')?.state.phase === 'ready', 'the restart');
    await crash(test);
    await eventually(async () => (await statusOf(test)).phase === 'quarantined', 'the quarantine');
    assert.match((await statusOf(test)).reason ?? '', /2 crashes within 60 seconds/);
    assert.equal((await fetch(`${test.url}/api/v1/ready`)).status, 503);
    await assert.rejects(
      test.client.chat.completions.create({ model: 'demo', messages: [{ role: 'user', content: 'Hi' }] }),
      { status: 503, code: 'model_unavailable', message: /quarantined/ },
    );
    const metrics = await (await fetch(test.node.metricsUrl)).text();
    assert.match(metrics, /polypod_model_quarantined\{model="demo"\} 1/);

    await eventually(async () => (await statusOf(test)).phase === 'ready', 'the second chance');
    const answer = await test.client.chat.completions.create({
      model: 'demo',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 3,
    });
    assert.ok(answer.choices[0]?.message.content);
    await test.stop();
  });

  it('rests twice as long after each relapse, until it has behaved or an operator pardons it', () => {
    const quarantine = new Quarantine({ failures: 2, windowSeconds: 300, cooldownSeconds: 60 });
    assert.equal(quarantine.count(), false);
    assert.equal(quarantine.count(), true);
    assert.equal(quarantine.begin('crash'), 60);
    assert.equal(quarantine.begin('crash'), 120);
    assert.ok((quarantine.seconds ?? 0) > 119);
    quarantine.pardon();
    assert.equal(quarantine.seconds, 0);
    quarantine.end();
    assert.equal(quarantine.seconds, undefined);
    assert.equal(quarantine.begin('crash'), 60);
  });
});

async function crash({ node }: TestNode): Promise<void> {
  const engine = node.engines.get('demo');
  assert.ok(engine instanceof LlamaEngine && engine.pid !== undefined);
  const restarted = new Promise<void>((resolve) => engine.onState(() => resolve()));
  process.kill(engine.pid, 'SIGKILL');
  await restarted;
}

async function statusOf({ url }: TestNode): Promise<{ phase: string; reason?: string }> {
  const body: unknown = await (await fetch(`${url}/api/v1/health/detailed`)).json();
  const { models } = body as { models: [{ phase: string; reason?: string }] };
  return models[0];
}
