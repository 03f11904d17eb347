import { setTimeout as sleep } from 'node:timers/promises';
import { body } from './request';
import type { Plan } from './tally';

/** What became of one stream. */
export interface Streamed {
  readonly text: string;
  /** Ids of its events, in the order in which they came. */
  readonly ids: readonly number[];
  /** Times that it was read on over a new connection. */
  readonly resumed: number;
  /** Requests that were turned away with 429 or 503, or found no one, before the stream had begun. */
  readonly refused: number;
  /** Longest silence between two events, in milliseconds. */
  readonly gap: number;
  /** Why it did not end, if it did not. */
  readonly fault: string | undefined;
}

/** A connection that is silent for so long leads to a node that is gone: as clients should, this one comes back. */
const SILENCE_MILLISECONDS = 5000;
/** An attempt to come back that gets no answer for so long was sent to a node that is gone: the next finds another. */
const ATTEMPT_MILLISECONDS = 1000;
/** Until a new stream's first token, which may have to wait for a place. */
const QUEUE_MILLISECONDS = 30_000;
/** A stream that has said nothing for so long is lost. */
const PATIENCE_SECONDS = 90;

/** Reads one stream to its end, and comes back to it whenever the connection is lost. */
export async function streamed(plan: Plan, prompt: number): Promise<Streamed> {
  const state = { text: '', ids: [] as number[], resumed: 0, refused: 0, gap: 0, last: Date.now() };
  let resumeUrl: string | undefined;
  let fault: string | undefined;
  let began: string | undefined;
  let ended = false;
  while (!ended && fault === undefined) {
    if (Date.now() - state.last > PATIENCE_SECONDS * 1000) {
      fault = resumeUrl ? 'nothing came any more' : 'never began';
      break;
    }
    const silence = new Silence(resumeUrl === undefined ? QUEUE_MILLISECONDS : ATTEMPT_MILLISECONDS);
    const { signal } = silence;
    try {
      const response = await (resumeUrl === undefined
        ? fetch(`${plan.url}/v1/chat/completions`, {
            signal,
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: body(plan, prompt, true),
          })
        : fetch(new URL(resumeUrl, plan.url), {
            signal,
            headers: state.ids.length === 0 ? {} : { 'last-event-id': String(state.ids.at(-1)) },
          }));
      if (response.status === 429 || response.status >= 500) {
        if (resumeUrl === undefined) state.refused++;
        await response.text();
        await sleep(200);
        continue;
      }
      if (response.status !== 200) {
        const silent = Date.now() - state.last;
        fault = `${response.status} ${await response.text()}; ${began}, ${state.ids.length} events, silent for ${silent} ms`;
        break;
      }
      if (resumeUrl === undefined) {
        state.last = Date.now();
      } else {
        state.resumed++;
        silence.broken();
      }
      resumeUrl ??= response.headers.get('polypod-resume-url') ?? undefined;
      began ??= `begun at ${response.headers.get('polypod-node')}, durable: ${response.headers.get('polypod-durable')}`;
      ended = await read(response, state, silence);
      if (!ended && resumeUrl === undefined) fault = 'broke off without a URL to resume at';
    } catch {
      // The connection was refused or cut: nobody is there yet.
      if (resumeUrl === undefined) state.refused++;
      await sleep(100);
    } finally {
      silence.end();
    }
  }
  const { text, ids, resumed, refused, gap } = state;
  return { text, ids, resumed, refused, gap, fault };
}

/** Reads events until `[DONE]` (`true`) or until the connection breaks (`false`). */
async function read(
  response: Response,
  state: { text: string; ids: number[]; gap: number; last: number },
  silence: Silence,
): Promise<boolean> {
  const decoder = new TextDecoder();
  let held = '';
  try {
    for await (const chunk of response.body ?? []) {
      silence.broken();
      held += decoder.decode(chunk, { stream: true });
      const blocks = held.split('\n\n');
      held = blocks.pop() ?? '';
      for (const block of blocks) {
        const id = /^id: (\d+)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (id === undefined || data === undefined) continue;
        const now = Date.now();
        // The time to the first token, which may have to wait for a place, is not a gap; the first event has no text.
        if (state.text !== '') state.gap = Math.max(state.gap, now - state.last);
        state.last = now;
        state.ids.push(Number(id));
        if (data === '[DONE]') return true;
        state.text += JSON.parse(data).choices?.[0]?.delta?.content ?? '';
      }
    }
  } catch {
    return false;
  }
  return false;
}

/** Gives up a connection that nothing has come over for a while. */
class Silence {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    this.timer = this.waiting(milliseconds);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  broken(): void {
    clearTimeout(this.timer);
    this.timer = this.waiting(SILENCE_MILLISECONDS);
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private waiting(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.controller.abort(), milliseconds);
  }
}
