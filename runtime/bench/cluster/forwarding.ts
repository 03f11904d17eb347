/**
 * What it costs to ask a node that does not answer itself: the same requests, to the same engine, sent to its node and
 * to another one. Both take turns. Whatever else the machine does only slows them, so the quickest turns are compared.
 */
import { startTestCluster, type TestCluster } from '../../test/support/cluster.js';
import { benchModel } from '../bench-model.js';
import { atLeast, atMost, type Figure, quantile, told } from '../report.js';
import type { LoadRequest } from './load-task.js';
import type { LoadGenerator } from './processes.js';

const STREAMS = 16;
const TOKENS = Number(process.env.BENCH_TOKENS ?? 200);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 8);
const CALLS = 40;
const PATH = '/v1/completions';
const GOALS = { throughput: 0.95, milliseconds: 1 };
const p50 = (values: readonly number[]) => quantile(values, 0.5);

export async function forwarding(load: LoadGenerator): Promise<Figure[]> {
  const source = `file:${await benchModel()}`;
  const cluster = await startTestCluster(2, {
    config: {
      models: [{ id: 'bench', source, threads: 1, contextSize: 512, sequences: STREAMS, tokensPerSecond: 0 }],
    },
  });
  try {
    const [other, owner] = cluster.nodes;
    if (!other || !owner) throw new Error('two nodes');
    const sessions = await sessionsOf(cluster, 'node-1');
    const streams = (url: string) =>
      sessions.map((session, client) => request(url, session, client, TOKENS, true));
    const one = (url: string, stream: boolean) => [request(url, sessions[0] ?? '', 0, 1, stream)];
    const rates = { direct: [] as number[], forwarded: [] as number[], ratio: [] as number[] };
    const stream = { direct: [] as number[], forwarded: [] as number[] };
    const whole = { direct: [] as number[], forwarded: [] as number[] };
    for (let round = -1; round < ROUNDS; round++) {
      // The first round warms up. Who begins alternates.
      const order = [
        ['direct', owner],
        ['forwarded', other],
      ] as const;
      const rate = { direct: 0, forwarded: 0 };
      for (const [way, { url }] of round % 2 === 0 ? order : order.toReversed()) {
        const { seconds } = await load.run({ requests: streams(url), times: 1 });
        rate[way] = (STREAMS * TOKENS) / seconds;
        const called = await load.run({ requests: one(url, true), times: CALLS });
        const answered = await load.run({ requests: one(url, false), times: CALLS });
        if (round < 0) continue;
        rates[way].push(rate[way]);
        stream[way].push(p50(called.first));
        whole[way].push(p50(answered.whole));
      }
      if (round >= 0) rates.ratio.push(rate.forwarded / rate.direct);
    }
    const best = Math.max(...rates.forwarded) / Math.max(...rates.direct);
    const least = (times: typeof stream) => Math.min(...times.forwarded) - Math.min(...times.direct);
    return [
      atLeast(`forwarded / direct at ${STREAMS} streams`, best, 'ratio', GOALS.throughput),
      told('median ratio of rounds', p50(rates.ratio), 'ratio'),
      told('direct', p50(rates.direct), 'tokens/s'),
      told('forwarded', p50(rates.forwarded), 'tokens/s'),
      atMost('forwarding, first event p50', least(stream), 'ms', GOALS.milliseconds),
      told('first event p50, direct', Math.min(...stream.direct), 'ms'),
      told('forwarding, whole answer p50', least(whole), 'ms'),
    ];
  } finally {
    await cluster.stop();
  }
}

/** Names of sessions that belong to this node, wherever they are asked for. */
async function sessionsOf(cluster: TestCluster, id: string): Promise<string[]> {
  const sessions: string[] = [];
  for (let index = 0; sessions.length < STREAMS; index++) {
    const session = `session-${index}`;
    const owners = await Promise.all(
      cluster.nodes.map(async ({ url }) => {
        const { body, headers = {} } = request(url, session, 0, 1, false);
        const answer = await fetch(url + PATH, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body,
        });
        await answer.text();
        return answer.headers.get('polypod-node');
      }),
    );
    if (owners.every((owner) => owner === id)) sessions.push(session);
  }
  return sessions;
}

function request(url: string, session: string, client: number, tokens: number, stream: boolean): LoadRequest {
  const body = JSON.stringify({
    model: 'bench',
    prompt: `Client ${client} asks for a story. `,
    max_tokens: tokens,
    temperature: 0,
    stream,
    logit_bias: { 257: -100 },
  });
  return { url: url + PATH, headers: { 'polypod-session': session }, body };
}
