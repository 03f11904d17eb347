import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { LocalCluster } from '../../local-cluster/local-cluster.js';
import { createBridge } from '../../local-cluster/network.js';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';
import { comparable } from '../support/chaos.js';
import { FAULTS, type Fault, untilWell } from './faults.js';
import { LeaderWatch } from './leader-watch.js';
import { Sessions } from './sessions.js';
import { Encounters, insist, postOf, readStream } from './stream-client.js';

export interface ChaosOptions {
  /** At least; they go on until each fault has happened. */
  readonly streams: number;
  /** Streams that run at a time. */
  readonly concurrency: number;
  /** Tokens of each. */
  readonly tokens: number;
  /** In this order, again and again, while streams run. Those that this machine can't do are left out. */
  readonly faults: readonly Fault[];
  /** Seconds of peace between two faults, on average. */
  readonly peace: number;
  readonly log?: (line: string) => void;
}

export interface ChaosFigures {
  readonly seconds: number;
  readonly streams: number;
  readonly tokens: number;
  /** Streams whose events differ from those of an uninterrupted run. */
  readonly damaged: readonly string[];
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  readonly encounters: Encounters;
  /** Other requests, whose answers are known. */
  readonly answers: number;
  /** People who were logged in all the time, and those whom a node did not know. */
  readonly sessions: number;
  readonly sessionsLost: number;
  /** Epochs that had a leader, and those that had two. */
  readonly epochs: number;
  readonly contested: readonly number[];
}

const NODES = 3;
/** Different requests; half of them greedy, half sampled with a seed. */
const VARIANTS = 16;

/**
 * Three nodes behind nginx, streams through it all the time, and one thing after the other that breaks. The model is a
 * random one in which every token depends on all before it.
 */
export async function clusterChaos(options: ChaosOptions): Promise<ChaosFigures> {
  const { log = () => {} } = options;
  const directory = await mkdtemp(join(tmpdir(), 'polypod-chaos-'));
  const source = join(directory, 'tiny.gguf');
  await writeRandomModel(source, TINY);
  const network = await createBridge(NODES);
  if (!network) log('no network namespaces here: nobody is cut off');
  const model = {
    id: 'tiny',
    source: `file:${source}`,
    threads: 1,
    contextSize: 1024,
    sequences: 8,
    reproducible: true,
  };
  const cluster = await LocalCluster.start({
    nodes: NODES,
    ...(network && { network }),
    config: { logLevel: 'warn', models: [{ ...model, tokensPerSecond: 100 }] },
    onStarted: (part) => log(`${part} is up`),
  });
  try {
    const calm = new Encounters();
    const expected = await Promise.all(
      Array.from({ length: VARIANTS }, async (_, variant) =>
        (await readStream(cluster.url, requestOf(variant, options.tokens), calm)).map(comparable),
      ),
    );
    assert.deepEqual(calm.wrong, []);
    log(`${VARIANTS} uninterrupted runs are known`);
    return await breakThings(cluster, expected, {
      ...options,
      log,
      faults: options.faults.filter((fault) => network || fault !== 'partition'),
    });
  } finally {
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function breakThings(
  cluster: LocalCluster,
  expected: readonly unknown[][],
  options: ChaosOptions & { readonly log: (line: string) => void },
): Promise<ChaosFigures> {
  const { log } = options;
  const begun = performance.now();
  const encounters = new Encounters();
  const leaders = new LeaderWatch(cluster.nodes);
  const damaged: string[] = [];
  const ended = new AbortController();
  let started = 0;
  let done = 0;
  let faultsDone = 0;

  const reader = async () => {
    while ((started < options.streams || faultsDone < options.faults.length) && !ended.signal.aborted) {
      const stream = started++;
      const variant = stream % VARIANTS;
      try {
        const events = await readStream(cluster.url, requestOf(variant, options.tokens), encounters);
        const seen = events.map(comparable);
        if (!isDeepStrictEqual(seen, expected[variant])) {
          damaged.push(`stream ${stream}: ${difference(seen, expected[variant] ?? [])}`);
        }
      } catch (error) {
        damaged.push(`stream ${stream}: ${error instanceof Error ? error.message : String(error)}`);
      }
      done++;
    }
  };
  const counts: Partial<Record<Fault, number>> = {};
  const breaker = async () => {
    for (let turn = 0; !ended.signal.aborted; turn++) {
      await sleep(options.peace * 1000 * (0.5 + Math.random()), undefined, { signal: ended.signal });
      const fault = options.faults[turn % options.faults.length];
      if (!fault) return;
      const before = performance.now();
      await FAULTS[fault](cluster);
      await untilWell(cluster);
      counts[fault] = (counts[fault] ?? 0) + 1;
      faultsDone++;
      log(`${done}/${options.streams}  ${fault}, ${((performance.now() - before) / 1000).toFixed(1)} s`);
    }
  };
  const answers = { count: 0 };
  const sessions = await Sessions.start(cluster);
  let failure: unknown;
  const others = [breaker(), askOthers(cluster, sessions, ended.signal, encounters, answers)].map((work) =>
    work.catch((error: unknown) => {
      if (ended.signal.aborted) return;
      failure = error;
      ended.abort();
    }),
  );
  try {
    await Promise.all(Array.from({ length: options.concurrency }, reader));
  } finally {
    ended.abort();
    await Promise.all(others);
    await leaders.stop();
  }
  if (failure) throw failure;
  return {
    seconds: (performance.now() - begun) / 1000,
    streams: done,
    tokens: done * options.tokens,
    damaged,
    faults: counts,
    encounters,
    answers: answers.count,
    sessions: sessions.count,
    sessionsLost: sessions.lostCount,
    epochs: leaders.leaders.size,
    contested: leaders.contested,
  };
}

/** Requests with one right answer each, all the time. */
async function askOthers(
  cluster: LocalCluster,
  sessions: Sessions,
  signal: AbortSignal,
  encounters: Encounters,
  answers: { count: number },
): Promise<void> {
  const { url } = cluster;
  while (!signal.aborted) {
    const models = await insist(`${url}/v1/models`, {}, encounters);
    const { data } = JSON.parse(await models.text());
    if (data?.length !== 1) encounters.wrong.push(`/v1/models: ${JSON.stringify(data)}`);
    const unknown = { model: 'unknown', prompt: 'x' };
    await (await insist(`${url}/v1/completions`, postOf(unknown), encounters, 404)).text();
    const bad = { model: 'tiny', prompt: 'x', max_tokens: -1 };
    await (await insist(`${url}/v1/completions`, postOf(bad), encounters, 400)).text();
    await (await insist(`${url}/v1/completions/cmpl-unknown`, {}, encounters, 404)).text();
    await sessions.check(encounters);
    answers.count += 4 + sessions.count;
    await sleep(100);
  }
}

function requestOf(variant: number, tokens: number) {
  const sampled = variant % 2 === 1;
  return {
    model: 'tiny',
    prompt: `Stream number ${variant} tells a story that nobody has heard before. `,
    max_tokens: tokens,
    stream: true,
    stream_options: { include_usage: true },
    logit_bias: { 257: -100 },
    ...(sampled ? { temperature: 0.9, top_p: 0.95, seed: 40 + variant } : { temperature: 0 }),
  };
}

function difference(seen: readonly unknown[], expected: readonly unknown[]): string {
  const index = seen.findIndex((event, place) => !isDeepStrictEqual(event, expected[place]));
  const [found, wanted] = [seen[index], expected[index]].map((event) => JSON.stringify(event));
  return `${seen.length} events of ${expected.length}, number ${index} is ${found} instead of ${wanted}`;
}
