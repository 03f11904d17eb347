import type { FastifyInstance } from 'fastify';
import { ApiError, type ErrorBody, toApiError } from '../../api/api-error.js';
import { whenGone } from '../../api/openai/streaming.js';
import type { StreamHeader, StreamJournal } from '../../streams/journal.js';
import type { PeerCall } from '../peer-call.js';
import type { Router } from '../routing/router.js';

const PATH = '/streams';
/** Its place may have to be waited for. */
const PATIENCE_MILLISECONDS = 30_000;

export interface StartAnywhereOptions {
  readonly router: Pick<Router, 'choose' | 'enter'>;
  /** On this node. */
  readonly start: (header: StreamHeader) => Promise<void>;
  /** `undefined` where no peer can be called, or could not be read from. */
  readonly call: PeerCall | undefined;
}

type Answer = { readonly started: true } | (ErrorBody & { readonly status: number });

/**
 * Starts a stream on the node that the router names for `key`. Who wants to see it reads the journal, on whatever node.
 * A node that is lost or full is passed over; backends, which write no journal, are too.
 */
export async function startAnywhere(
  { router, start, call }: StartAnywhereOptions,
  header: StreamHeader,
  key: number,
): Promise<void> {
  const excluded = new Set<string>();
  let refusal: unknown;
  for (;;) {
    const target = router.choose(header.model, key, excluded)?.target;
    // What nobody serves is refused here, in the engine's own words.
    if (!target) return refusal === undefined ? start(header) : Promise.reject(refusal);
    excluded.add(target.id);
    if (target.kind === 'backend' || (target.kind === 'peer' && !call)) continue;
    const leave = router.enter(target);
    try {
      return await (target.kind === 'peer' && call ? startAt(target.url, call, header) : start(header));
    } catch (error) {
      const known = toApiError(error);
      if (known && known.status < 500 && known.status !== 429) throw error;
      refusal = known ?? unreachable(target.id);
    } finally {
      leave();
    }
  }
}

/** `POST /streams` on the peer port: starts a stream that another node has been asked for. */
export function startForPeers(
  peers: FastifyInstance,
  options: {
    readonly start: (header: StreamHeader, gone: AbortSignal) => Promise<void>;
    readonly journal: Pick<StreamJournal, 'isDurable' | 'cancel'>;
    readonly draining: AbortSignal;
  },
): void {
  const { start, journal, draining } = options;
  peers.post<{ Body: StreamHeader }>(PATH, async ({ body: header, log }, reply): Promise<Answer> => {
    try {
      if (draining.aborted) throw unreachable('This node');
      // Who has given up waiting has asked another node by then.
      await start(header, whenGone(reply));
      if (journal.isDurable(header.id)) return { started: true };
      // Nobody else could read it.
      await journal.cancel(header.id);
      throw unreachable('The journal');
    } catch (error) {
      const known = toApiError(error);
      if (!known) log.error({ err: error }, 'stream not started for another node');
      const { status, body } = known ?? unreachable('This node');
      return { ...body, status };
    }
  });
}

async function startAt(url: string, call: PeerCall, header: StreamHeader): Promise<void> {
  const answer = (await call(`${url}${PATH}`, header, PATIENCE_MILLISECONDS)) as Answer;
  if ('started' in answer) return;
  const { type, code, message, param } = answer.error;
  throw new ApiError(answer.status, type, code, message, param);
}

function unreachable(what: string): ApiError {
  return new ApiError(503, 'server_error', 'model_unavailable', `${what} can't take this: try again.`, null, {
    'retry-after': '1',
  });
}
