/**
 * What it costs to ask a node that does not answer itself: the same requests, to the same engine, sent to its node and
 * to another one. Both take turns: long ones for throughput, of which the quickest are compared, since whatever else the
 * machine does only slows them; short ones for single calls, of which the medians of all are.
 */
import { startTestCluster, type TestCluster } from '../../test/support/cluster.js';
import { benchModel } from '../bench-model.js';
import { atLeast, atMost, type Figure, quantile, told } from '../report.js';
import type { LoadRequest } from './load-task.js';
import type { LoadGenerator } from './processes.js';

const STREAMS = 16;
const TOKENS = Number(process.env.BENCH_TOKENS ?? 200);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 8);
/** Single calls: so many turns, of so many calls each. */
const TURNS = 40;
const CALLS = 10;
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
    const ways = [
      ['direct', owner],
      ['forwarded', other],
    ] as const;
    // Who begins alternates.
    const inTurn = (round: number) => (round % 2 === 0 ? ways : ways.toReversed());
    for (let round = -1; round < ROUNDS; round++) {
      const rate = { direct: 0, forwarded: 0 };
      for (const [way, { url }] of inTurn(round)) {
        const { seconds } = await load.run({ requests: streams(url), times: 1 });
        rate[way] = (STREAMS * TOKENS) / seconds;
      }
      // The first round warms up.
      if (round < 0) continue;
      rates.direct.push(rate.direct);
      rates.forwarded.push(rate.forwarded);
      rates.ratio.push(rate.forwarded / rate.direct);
    }
    const first = { direct: [] as number[], forwarded: [] as number[] };
    const whole = { direct: [] as number[], forwarded: [] as number[] };
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [way, { url }] of inTurn(turn)) {
        first[way].push(...(await load.run({ requests: one(url, true), times: CALLS })).first);
        whole[way].push(...(await load.run({ requests: one(url, false), times: CALLS })).whole);
      }
    }
    const best = Math.max(...rates.forwarded) / Math.max(...rates.direct);
    const added = (times: typeof first) => p50(times.forwarded) - p50(times.direct);
    return [
      atLeast(`forwarded / direct at ${STREAMS} streams`, best, 'ratio', GOALS.throughput),
      told('median ratio of rounds', p50(rates.ratio), 'ratio'),
      told('direct', p50(rates.direct), 'tokens/s'),
      told('forwarded', p50(rates.forwarded), 'tokens/s'),
      atMost('forwarding, first event p50', added(first), 'ms', GOALS.milliseconds),
      told('first event p50, direct', p50(first.direct), 'ms'),
      told('forwarding, whole answer p50', added(whole), 'ms'),
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
