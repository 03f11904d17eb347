import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../api/api-error.js';
import type { Config } from '../config/config.js';
import type { Metrics } from './metrics.js';
import { type RateDecision, RequestRate } from './request-rate.js';

export interface LoadLimitOptions {
  readonly limits: () => Config['limits'];
  /** Aborted once the node takes no new work itself. */
  readonly draining: AbortSignal;
  /** Whether others can take it then. */
  readonly hasOthers: () => boolean;
  readonly metrics: Metrics;
}

/** Routes that cost an engine's time. All others stay open while the node drains, so that streams can be read. */
const GENERATING = new Set(['/v1/chat/completions', '/v1/completions', '/v1/embeddings', '/v1/responses']);

/** Throws what a request for an answer, made over the connection of `request`, is refused for. */
export type Admit = (request: FastifyRequest) => Promise<void>;

/** Refuses what this node should not or can't take: before the body is read, with the time to wait. */
export function limitLoad(app: FastifyInstance, options: LoadLimitOptions): Admit {
  const { draining, hasOthers, limits } = options;
  const { refused } = options.metrics.of;
  // By address always: a key that nobody has checked could be a new one each time.
  const rates = [
    { limit: () => limits().requestsPerMinute.perAddress, keyOf: addressOf },
    { limit: () => limits().requestsPerMinute.perKey, keyOf: apiKeyOf },
  ].map((each) => ({ ...each, rate: new RequestRate() }));
  let generating = 0;

  const checkRates = (request: FastifyRequest, reply?: FastifyReply): void => {
    for (const { limit, keyOf, rate } of rates) {
      const perMinute = limit();
      const caller = keyOf(request);
      if (perMinute === undefined || caller === undefined) continue;
      const decision = rate.take(caller, perMinute);
      if (reply) showRate(reply, perMinute, decision);
      if (decision.isAllowed) continue;
      refused.inc({ limit: 'rate' });
      throw tooMany(
        'rate_limit_exceeded',
        `More than ${perMinute} requests a minute.`,
        decision.retrySeconds,
      );
    }
  };
  const checkDraining = (): void => {
    if (!draining.aborted || hasOthers()) return;
    refused.inc({ limit: 'draining' });
    throw nodeDrains();
  };

  const check = (request: FastifyRequest, reply: FastifyReply): void => {
    // As it was routed: `/%76%31/models` is `/v1/models`, too.
    const { url: route = request.url } = request.routeOptions;
    if (!route.startsWith('/v1/')) return;
    // The next request comes to another node.
    if (draining.aborted) reply.raw.setHeader('connection', 'close');
    checkRates(request, reply);
    if (request.method !== 'POST' || !GENERATING.has(route)) return;
    checkDraining();
    const { concurrentRequests } = limits();
    if (generating >= concurrentRequests) {
      refused.inc({ limit: 'concurrency' });
      throw tooMany('overloaded', `${concurrentRequests} requests are being answered: try again later.`, 1);
    }
    generating++;
    reply.raw.once('close', () => generating--);
  };
  app.addHook('onRequest', (request, reply, done) => {
    check(request, reply);
    done();
  });

  return async (request) => {
    checkRates(request);
    checkDraining();
  };
}

/** What a node that drains says to work that only it could do. */
export function nodeDrains(): ApiError {
  return new ApiError(503, 'server_error', 'draining', 'The node is shutting down: try again.', null, {
    'retry-after': '1',
    connection: 'close',
  });
}

function tooMany(code: string, message: string, seconds: number): ApiError {
  return new ApiError(429, 'rate_limit_error', code, message, null, {
    'retry-after': String(Math.max(1, seconds)),
  });
}

/** The headers that OpenAI's clients know. */
function showRate(reply: FastifyReply, perMinute: number, { remaining, resetSeconds }: RateDecision): void {
  reply.raw.setHeader('x-ratelimit-limit-requests', perMinute);
  reply.raw.setHeader('x-ratelimit-remaining-requests', remaining);
  reply.raw.setHeader('x-ratelimit-reset-requests', `${resetSeconds}s`);
}

function addressOf({ ip }: FastifyRequest): string {
  return `address ${ip}`;
}

/** Keys are secrets: only their digests are kept. */
function apiKeyOf({ headers }: FastifyRequest): string | undefined {
  const key = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return key === undefined ? undefined : `key ${createHash('sha256').update(key).digest('base64')}`;
}
