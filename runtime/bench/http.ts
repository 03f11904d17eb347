/**
 * What HTTP costs: a node answers clients of another process, and the same engine process, with the same batches,
 * answers the same requests without HTTP, journal or rendering. Both take turns, so that what else the machine does
 * meets both.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LlamaEngine } from '../src/engine/llama/llama-engine.js';
import { TINY, writeRandomModel } from '../src/models/gguf/random-model.js';
import { GREEDY, never, textRequest } from '../test/support/models.js';
import { startTestNode } from '../test/support/node.js';
import { benchModel } from './bench-model.js';
import type { Answered, Task } from './http-clients.js';
import { atLeast, atMost, type Figure, quantile, report, told } from './report.js';

const TOKENS = Number(process.env.BENCH_TOKENS ?? 200);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 10_000);
/**
 * V8 and the allocator settle within so many requests. Measured over 95,000: the node's peak was 206 MiB in the first
 * 15,000, then 219 down to 214 in every 10,000; the engine's grew from 143 to 168, and stayed there from 45,000 on.
 */
const WARM_UP = 25_000;
const SAMPLE_MILLISECONDS = 50;
const CLIENTS = [1, 4, 8, 16];
const MOST = 16;
const GOALS = { throughput: 0.95, firstToken: 1.2, eventLoopMilliseconds: 20, memory: 1.1 };
/** Shorter than a prefill chunk, so that nothing of them is cached. */
const PROMPTS = Array.from({ length: MOST }, (_, index) => `Client ${index} asks for a story. `);

const directory = await mkdtemp(join(tmpdir(), 'polypod-bench-'));
const tiny = join(directory, 'tiny.gguf');
await writeRandomModel(tiny, TINY);
const shared = { threads: 1, contextSize: 512, sequences: MOST, tokensPerSecond: 0 };
const { node, url, stop } = await startTestNode({
  models: [
    { id: 'bench', source: `file:${await benchModel()}`, ...shared },
    { id: 'tiny', source: `file:${tiny}`, ...shared },
  ],
  // Finished streams are kept to be read again: that is wanted, and no leak. The warm-up fills the room for them.
  streams: { retainedBytes: 2 * 2 ** 20 },
});
const clients = fork(fileURLToPath(new URL('./http-clients.js', import.meta.url)), { execArgv: [] });
const failed = once(clients, 'exit').then(() => Promise.reject(new Error('the clients have failed')));
const delay = monitorEventLoopDelay({ resolution: 1 });

try {
  const figures: Figure[] = [];
  for (const count of CLIENTS) figures.push(...(await throughput(count)));
  report('http', [...figures, ...(await memory())]);
} finally {
  clients.kill();
  await stop();
  await rm(directory, { recursive: true, force: true });
}

async function throughput(count: number): Promise<Figure[]> {
  const task = { url, model: 'bench', clients: count, requests: count, tokens: TOKENS, prompts: PROMPTS };
  const rates = { engine: [] as number[], http: [] as number[], ratio: [] as number[] };
  const first = { engine: [] as number[], http: [] as number[] };
  const rateOf = ({ milliseconds }: Answered) => (1000 * count * TOKENS) / milliseconds;
  delay.reset();
  for (let round = -1; round < ROUNDS; round++) {
    // The first round warms up. Who begins alternates.
    const early = round % 2 === 0 ? await byEngine(count) : undefined;
    delay.enable();
    const http = await byHttp(task);
    delay.disable();
    const engine = early ?? (await byEngine(count));
    if (round < 0) {
      delay.reset();
      continue;
    }
    rates.engine.push(rateOf(engine));
    rates.http.push(rateOf(http));
    rates.ratio.push(rateOf(http) / rateOf(engine));
    first.engine.push(quantile(engine.firstToken, 0.5));
    first.http.push(quantile(http.firstToken, 0.5));
  }
  const best = Math.max(...rates.http) / Math.max(...rates.engine);
  const figures = [
    atLeast(`HTTP / engine at ${count} clients`, best, 'ratio', GOALS.throughput),
    told(`median ratio of rounds at ${count} clients`, quantile(rates.ratio, 0.5), 'ratio'),
    told(`HTTP at ${count} clients`, quantile(rates.http, 0.5), 'tokens/s'),
    told(`engine at ${count} clients`, quantile(rates.engine, 0.5), 'tokens/s'),
  ];
  process.stderr.write(`${figures.map(({ name, value }) => `${name}: ${value}`).join(', ')}\n`);
  if (count < MOST) return figures;
  const [http, engine] = [quantile(first.http, 0.5), quantile(first.engine, 0.5)];
  return [
    ...figures,
    atMost(`first token, HTTP / engine at ${count} clients`, http / engine, 'ratio', GOALS.firstToken),
    told(`first token, HTTP at ${count} clients`, http, 'ms'),
    told(`first token, engine at ${count} clients`, engine, 'ms'),
    atMost('event-loop delay p99', delay.percentile(99) / 1e6, 'ms', GOALS.eventLoopMilliseconds),
  ];
}

async function byHttp(task: Task): Promise<Answered> {
  const answer = once(clients, 'message');
  clients.send(task);
  const [answered]: Answered[] = await Promise.race([answer, failed]);
  if (!answered) throw new Error('no answer');
  return answered;
}

async function byEngine(count: number): Promise<Answered> {
  const engine = llama('bench');
  const firstToken: number[] = [];
  const start = performance.now();
  await Promise.all(
    PROMPTS.slice(0, count).map(async (prompt) => {
      let tokens = 0;
      const request = textRequest(prompt, { model: 'bench', maxTokens: TOKENS, sampling: GREEDY });
      for await (const event of engine.generate(request, never)) {
        if (event.type !== 'delta') continue;
        if (tokens === 0) firstToken.push(performance.now() - start);
        tokens += event.tokens.length;
      }
      if (tokens !== TOKENS) throw new Error(`a generation ended after ${tokens} tokens`);
    }),
  );
  return { milliseconds: performance.now() - start, firstToken };
}

/** The most memory that each process takes during many small requests, against the most during those before. */
async function memory(): Promise<Figure[]> {
  const task = { url, model: 'tiny', clients: MOST, tokens: 2, prompts: PROMPTS };
  const heap = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const before = await peaks(() => byHttp({ ...task, requests: WARM_UP }));
  const heapBefore = heap();
  const after = await peaks(() => byHttp({ ...task, requests: REQUESTS }));
  const name = `over ${REQUESTS} requests`;
  return [
    atMost(`node's memory ${name}`, after.node / before.node, 'ratio', GOALS.memory),
    atMost(`engine's memory ${name}`, after.engine / before.engine, 'ratio', GOALS.memory),
    told('node, resident', after.node / 2 ** 20, 'MiB'),
    told('engine, resident', after.engine / 2 ** 20, 'MiB'),
    told('heap that stays, a request', (heap() - heapBefore) / REQUESTS, 'B'),
  ];
}

async function peaks(work: () => Promise<unknown>): Promise<{ node: number; engine: number }> {
  const { pid } = llama('tiny');
  let [isOver, node, engine] = [false, 0, 0];
  const working = work().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    node = Math.max(node, process.memoryUsage.rss());
    engine = Math.max(engine, await residentBytes(pid));
    await sleep(SAMPLE_MILLISECONDS);
  }
  await working;
  return { node, engine };
}

function llama(model: string): LlamaEngine {
  const engine = node.engines.get(model);
  if (!(engine instanceof LlamaEngine)) throw new Error(`${model} is not loaded`);
  return engine;
}

async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}
