import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';
import { ProcessNode } from './process-node.js';
import { startTestRedis } from './redis.js';
import { eventsIn, type ReceivedEvent, readEvents } from './sse.js';

export interface ChaosResult {
  /** Milliseconds from each kill until a reader of a stream that it hit had the next event. */
  readonly gaps: readonly number[];
  /** All streams that ran; some had ended before the kill. */
  readonly streams: number;
}

const TOKENS = 200;
const TOKENS_PER_SECOND = 200;
const STREAMS = 4;
/** Pairs of nodes that are tried at once, each with a Redis of its own: most of a trial is waiting. */
const PAIRS = 2;

/** As many kills, on {@link PAIRS} pairs of nodes. Rejects where a stream is not what it should be. */
export async function chaos(kills: number, log: (line: string) => void = () => {}): Promise<ChaosResult> {
  const each = Math.ceil(kills / PAIRS);
  const results = await Promise.all(Array.from({ length: PAIRS }, () => breakPair(each, log)));
  return {
    gaps: results.flatMap(({ gaps }) => gaps),
    streams: results.reduce((sum, { streams }) => sum + streams, 0),
  };
}

/**
 * Two nodes, one Redis. Streams run on one, whose process is killed at a random token; its clients come back at the
 * other one, which goes on. Asserts that each reads, in the end, what an uninterrupted stream says, event by event.
 * Half of the streams are greedy, half sampled with a seed. The model is a random one in which every token depends on
 * all before it.
 */
async function breakPair(kills: number, log: (line: string) => void): Promise<ChaosResult> {
  const directory = await mkdtemp(join(tmpdir(), 'polypod-chaos-'));
  const model = join(directory, 'tiny.gguf');
  await writeRandomModel(model, TINY);
  const redis = await startTestRedis();
  const nodes = await Promise.all(
    ['a', 'b'].map((nodeId) =>
      ProcessNode.start({
        nodeId,
        redis: { host: redis.host, port: redis.port },
        models: [
          {
            id: 'tiny',
            source: `file:${model}`,
            threads: 1,
            contextSize: 1024,
            tokensPerSecond: TOKENS_PER_SECOND,
            sequences: 8,
            reproducible: true,
          },
        ],
      }),
    ),
  );
  try {
    const expected = await Promise.all(
      Array.from({ length: STREAMS }, async (_, index) => {
        const response = await open(nodes[0]?.url ?? '', index);
        return eventsIn(await response.text()).map(comparable);
      }),
    );
    const gaps: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const [victim, survivor] = kill % 2 === 0 ? nodes : nodes.toReversed();
      if (!victim || !survivor) throw new Error('two nodes');
      const killed = { at: 0 };
      const streams = expected.map((events, index) =>
        follow(victim, survivor, index, killed).then((stream) => {
          assert.deepEqual(stream.events.map(comparable), events, `stream ${index} after kill ${kill}`);
          return stream.gap;
        }),
      );
      const ended = Promise.all(streams);
      // Every token counts, the first as well as the last.
      await sleep(Math.random() * (TOKENS / TOKENS_PER_SECOND) * 1000);
      killed.at = performance.now();
      await victim.kill('SIGKILL');
      const measured = (await ended).flatMap((gap) => gap ?? []);
      gaps.push(...measured);
      log(`kill ${kill + 1}: ${measured.map((gap) => gap.toFixed(0)).join(', ')} ms`);
      await victim.launch();
    }
    return { gaps, streams: kills * STREAMS };
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await redis.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function open(url: string, index: number): Promise<Response> {
  const sampled = index % 2 === 1;
  return fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'tiny',
      prompt: `Stream number ${index} tells a story that nobody has heard before. `,
      max_tokens: TOKENS,
      stream: true,
      stream_options: { include_usage: true },
      logit_bias: { 257: -100 },
      ...(sampled ? { temperature: 0.9, top_p: 0.95, seed: 40 + index } : { temperature: 0 }),
    }),
  });
}

/** Reads a stream to its end: from one node, and when that breaks off, from the other. */
async function follow(
  victim: ProcessNode,
  survivor: ProcessNode,
  index: number,
  killed: { at: number },
): Promise<{ events: ReceivedEvent[]; gap: number | undefined }> {
  const events: ReceivedEvent[] = [];
  let gap: number | undefined;
  const onEvent = (event: ReceivedEvent) => {
    if (killed.at > 0 && gap === undefined && events.length > 0) gap = performance.now() - killed.at;
    events.push(event);
  };
  let response = await open(victim.url, index).catch(() => undefined);
  if (!response) response = await open(survivor.url, index);
  const path = response.headers.get('polypod-resume-url') ?? '';
  while (!(await readEvents(response, onEvent)) || events.at(-1)?.data !== '[DONE]') {
    const last = events.at(-1)?.id ?? -1;
    // Only what follows the kill counts: events that were under way arrive at once.
    gap = undefined;
    response = await fetch(`${survivor.url}${path}?starting_after=${last}`);
    assert.equal(response.status, 200);
  }
  return { events, gap };
}

/** An event without what differs from stream to stream. */
export function comparable({ id, data }: ReceivedEvent): unknown {
  if (data === '[DONE]') return { id, data };
  const { id: _, created: __, ...rest } = JSON.parse(data);
  // How much of the prompt was cached depends on who ran it.
  if (rest.usage) rest.usage.prompt_tokens_details = undefined;
  return { id, ...rest };
}
