/**
 * Gateways as routers before a server that does no work, beside nginx doing the same: as many processes each, in short
 * turns. Whatever else the machine does only slows them, so the quickest turn of each is compared.
 */
import { eventually } from '../../test/support/cluster.js';
import { ProcessNode } from '../../test/support/process-node.js';
import { atLeast, atMost, type Figure, quantile, told } from '../report.js';
import type { LoadRequest } from './load-task.js';
import { MODEL, type MockRequest } from './mock-request.js';
import { type LoadGenerator, startMockUpstream, startNginx } from './processes.js';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 12);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 0.8);
/** Of nginx and of Polypod: one for each core of a small machine. */
const PROCESSES = 2;
const WARM_UP = 30_000;
const CLIENTS = 32;
const STREAMS = 16;
const EVENTS = 3_000;
const PACED_EVENTS = 30;
const PACE = 5;
const PATH = '/v1/chat/completions';
const GOALS = { requests: 0.5, events: 0.6, firstToken: 5 };

type Name = 'direct' | 'nginx' | 'polypod';
type Figures = Record<'requests' | 'events' | 'first' | 'firstP99' | 'alone', number[]>;

export async function router(load: LoadGenerator): Promise<Figure[]> {
  const mock = await startMockUpstream();
  const nginx = await startNginx(mock.url, PROCESSES);
  const gateways = await Promise.all(
    Array.from({ length: PROCESSES }, (_, index) =>
      ProcessNode.start({
        role: 'gateway',
        nodeId: `gateway-${index}`,
        backends: [{ name: 'mock', url: `${mock.url}/v1` }],
      }),
    ),
  );
  const urls: Record<Name, readonly string[]> = {
    direct: [mock.url],
    nginx: [nginx.url],
    polypod: gateways.map(({ url }) => url),
  };
  const measured: Record<Name, Figures> = { direct: none(), nginx: none(), polypod: none() };
  try {
    for (const { url } of gateways) {
      const knows = async () => (await (await fetch(`${url}/v1/models`)).text()).includes(MODEL);
      await eventually(knows, 'a backend that is well');
    }
    for (const each of Object.values(urls)) await warmUp(load, each);
    const order = ['direct', 'nginx', 'polypod'] as const;
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of round % 2 === 0 ? order : order.toReversed()) {
        const result = await measure(load, urls[name]);
        for (const key of ['requests', 'events', 'first', 'firstP99', 'alone'] as const)
          measured[name][key].push(...result[key]);
      }
    }
  } finally {
    await Promise.all([...gateways.map((gateway) => gateway.stop()), nginx.stop()]);
    await mock.stop();
  }
  const { nginx: theirs, polypod: ours } = measured;
  const ratio = (key: 'requests' | 'events') => Math.max(...ours[key]) / Math.max(...theirs[key]);
  return [
    atLeast(`requests/s at ${CLIENTS} clients, polypod / nginx`, ratio('requests'), 'ratio', GOALS.requests),
    atLeast(`events/s at ${STREAMS} streams, polypod / nginx`, ratio('events'), 'ratio', GOALS.events),
    atMost(
      `first token p99 at ${STREAMS} streams, polypod`,
      Math.min(...ours.firstP99),
      'ms',
      GOALS.firstToken,
    ),
    ...(['direct', 'nginx', 'polypod'] as const).flatMap((name) => {
      const { requests, events, first, firstP99, alone } = measured[name];
      return [
        told(`requests/s, ${name}`, Math.max(...requests), '1/s'),
        told(`requests/s, ${name}, median`, quantile(requests, 0.5), '1/s'),
        told(`events/s, ${name}`, Math.max(...events), '1/s'),
        told(`first token p50, ${name}`, quantile(first, 0.5), 'ms'),
        told(`first token p99, ${name}`, Math.min(...firstP99), 'ms'),
        told(`one client p50, ${name}`, quantile(alone, 0.5), 'ms'),
      ];
    }),
  ];
}

/** As many requests as it takes for a compiler to be done with what they run through. */
async function warmUp(load: LoadGenerator, urls: readonly string[]): Promise<void> {
  const short = { stream: false, max_tokens: 3 };
  const requests = Array.from({ length: CLIENTS }, (_, client) => ask(urls, client, short));
  await load.run({ requests, times: WARM_UP / CLIENTS });
  await measure(load, urls);
}

async function measure(load: LoadGenerator, urls: readonly string[]): Promise<Figures> {
  const run = (count: number, request: MockRequest, until: { times?: number; seconds?: number }) =>
    load.run({
      requests: Array.from({ length: count }, (_, client) => ask(urls, client, request)),
      ...until,
    });
  const short = { stream: false, max_tokens: 3 };
  const many = await run(CLIENTS, short, { seconds: SECONDS });
  const streams = await run(STREAMS, { stream: true, max_tokens: EVENTS }, { times: 1 });
  const paced = await run(STREAMS, { stream: true, max_tokens: PACED_EVENTS, pace: PACE }, { times: 8 });
  const alone = await run(1, short, { seconds: 0.2 });
  return {
    requests: [many.whole.length / many.seconds],
    events: [(STREAMS * EVENTS) / streams.seconds],
    first: [...paced.first],
    firstP99: [quantile(paced.first, 0.99)],
    alone: [...alone.whole],
  };
}

function ask(urls: readonly string[], client: number, request: MockRequest): LoadRequest {
  const messages = [
    { role: 'system', content: 'You answer in a word.' },
    { role: 'user', content: `Client ${client} asks for one.` },
  ];
  const url = `${urls[client % urls.length]}${PATH}`;
  return { url, body: JSON.stringify({ model: MODEL, messages, ...request }) };
}

function none(): Figures {
  return { requests: [], events: [], first: [], firstP99: [], alone: [] };
}
