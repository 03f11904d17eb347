/**
 * What durable streams cost: tokens a second through HTTP at 16 clients, with every token in a real Redis before it
 * is sent, against the same node without Redis. Both take turns, so that what else the machine does meets both.
 */
import { ProcessNode } from '../test/support/process-node.js';
import { startTestRedis } from '../test/support/redis.js';
import { benchModel } from './bench-model.js';
import { atLeast, quantile, report, told } from './report.js';

const CLIENTS = Number(process.env.BENCH_CLIENTS ?? 16);
const TOKENS = Number(process.env.BENCH_TOKENS ?? 200);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const GOAL = 0.95;

const source = `file:${await benchModel()}`;
const redis = await startTestRedis();
const models = [{ id: 'bench', source, threads: 1, contextSize: 512, sequences: CLIENTS }];
const plain = await ProcessNode.start({ nodeId: 'plain', models });
const durable = await ProcessNode.start({
  nodeId: 'durable',
  models,
  redis: { host: redis.host, port: redis.port },
});

try {
  const rates = { plain: [] as number[], durable: [] as number[], ratio: [] as number[] };
  for (let round = -1; round < ROUNDS; round++) {
    // The first round warms up. Who begins alternates.
    const order = round % 2 === 0 ? [plain, durable] : [durable, plain];
    const measured = new Map<ProcessNode, number>();
    for (const node of order) measured.set(node, await tokensPerSecond(node));
    if (round < 0) continue;
    const [without = 0, with_ = 0] = [measured.get(plain), measured.get(durable)];
    rates.plain.push(without);
    rates.durable.push(with_);
    rates.ratio.push(with_ / without);
    process.stderr.write(`${without.toFixed(0)} tokens/s without, ${with_.toFixed(0)} with Redis\n`);
  }
  report('durable', [
    atLeast(
      `durable / not durable at ${CLIENTS} clients`,
      Math.max(...rates.durable) / Math.max(...rates.plain),
      'ratio',
      GOAL,
    ),
    told('median ratio of rounds', quantile(rates.ratio, 0.5), 'ratio'),
    told('durable', quantile(rates.durable, 0.5), 'tokens/s'),
    told('not durable', quantile(rates.plain, 0.5), 'tokens/s'),
  ]);
} finally {
  await plain.stop();
  await durable.stop();
  await redis.stop();
}

async function tokensPerSecond(node: ProcessNode): Promise<number> {
  const start = performance.now();
  const tokens = await Promise.all(Array.from({ length: CLIENTS }, (_, client) => run(node, client)));
  return (1000 * tokens.reduce((sum, each) => sum + each, 0)) / (performance.now() - start);
}

/** Reads one stream to its end; its events are counted, not parsed, to leave the processor to the node. */
async function run(node: ProcessNode, client: number): Promise<number> {
  const response = await fetch(`${node.url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'bench',
      prompt: `Client ${client} asks. `,
      max_tokens: TOKENS,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
      logit_bias: { 257: -100 },
    }),
  });
  let tail = '';
  for await (const chunk of response.body ?? [])
    tail = (tail + Buffer.from(chunk).toString('latin1')).slice(-2000);
  const tokens = Number(/"completion_tokens":(\d+)/.exec(tail)?.[1]);
  if (tokens !== TOKENS) throw new Error(`a stream ended after ${tokens} tokens: ${tail.slice(-300)}`);
  return tokens;
}
