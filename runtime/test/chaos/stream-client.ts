import { setTimeout as sleep } from 'node:timers/promises';
import { HEADERS } from '../../contract.cjs';
import { type ReceivedEvent, readEvents } from '../support/sse.js';

/** What clients met while things broke. */
export class Encounters {
  /** Answers that say "not now": 429, 502 and 503. */
  refused = 0;
  /** Requests that were sent again, since their connection broke or they were refused. */
  retries = 0;
  /** Streams gone on with at another connection. */
  resumed = 0;
  /** Streams that began while their node could not reach Redis, and said so. */
  notDurable = 0;
  /** Milliseconds between two events of a stream, where they are long enough to be noticed. */
  readonly pauses: number[] = [];
  /** Answers that should not have been given. */
  readonly wrong: string[] = [];
}

const REFUSALS = new Set([429, 502, 503]);
const RETRY_MILLISECONDS = 200;
/** How long a client waits for an answer to begin, and then for more of it, until it takes the connection for dead. */
const BEGIN_MILLISECONDS = 20_000;
const STALL_MILLISECONDS = 4_000;
const NOTICED_MILLISECONDS = 250;
const PATIENCE_MILLISECONDS = 120_000;

/** A request that is repeated until it has the expected status. Any but a refusal is noted as wrong, and thrown. */
export async function insist(
  url: string,
  init: RequestInit,
  encounters: Encounters,
  expected = 200,
): Promise<Response> {
  const end = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const response = await stallingFetch(url, init).catch(() => undefined);
    if (response?.status === expected) return response;
    if (response && !REFUSALS.has(response.status)) {
      const text = `${init.method ?? 'GET'} ${url}: ${response.status} ${await response.text()}`;
      encounters.wrong.push(text);
      throw new Error(text);
    }
    if (performance.now() > end) throw new Error(`${url} was not answered in time`);
    if (response) {
      encounters.refused++;
      await response.body?.cancel();
    }
    encounters.retries++;
    await sleep(RETRY_MILLISECONDS);
  }
}

/** Reads a stream to its end, however often its connection breaks: all its events. */
export async function readStream(
  base: string,
  body: unknown,
  encounters: Encounters,
): Promise<ReceivedEvent[]> {
  const events: ReceivedEvent[] = [];
  let last = performance.now();
  const onEvent = (event: ReceivedEvent) => {
    const now = performance.now();
    // Waiting for the first one is waiting for one's turn.
    if (events.length > 0 && now - last > NOTICED_MILLISECONDS) encounters.pauses.push(now - last);
    last = now;
    events.push(event);
  };
  let response = await insist(`${base}/v1/completions`, postOf(body), encounters);
  if (response.headers.get(HEADERS.durable) === 'false') encounters.notDurable++;
  const path = response.headers.get(HEADERS.resumeUrl) ?? '';
  while (!(await readEvents(response, onEvent)) || events.at(-1)?.data !== '[DONE]') {
    encounters.resumed++;
    const from = events.at(-1)?.id ?? -1;
    response = await insist(`${base}${path}?starting_after=${from}`, {}, encounters);
  }
  return events;
}

export function postOf(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** Gives a connection up that has brought nothing for too long. */
async function stallingFetch(url: string, init: RequestInit): Promise<Response> {
  const stalled = new AbortController();
  const begin = setTimeout(() => stalled.abort(), BEGIN_MILLISECONDS);
  const response = await fetch(url, { ...init, signal: stalled.signal }).finally(() => clearTimeout(begin));
  const stall = setTimeout(() => stalled.abort(), STALL_MILLISECONDS).unref();
  const watched = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        stall.refresh();
        controller.enqueue(chunk);
      },
      flush: () => clearTimeout(stall),
    }),
  );
  const { status, headers } = response;
  return new Response(watched ?? null, { status, headers });
}
