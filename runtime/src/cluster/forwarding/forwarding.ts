import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import { HEADERS } from '../../../contract.cjs';
import { ApiError, modelUnavailable } from '../../api/api-error.js';
import { type IdPrefix, newAnswerId } from '../../api/openai/answer-id.js';
import type { Streaming } from '../../api/openai/streaming.js';
import { discard } from '../../api/openai/whole-answer.js';
import type { Config } from '../../config/config.js';
import { isRecord } from '../../config/environment.js';
import { encodePrincipal, PRINCIPAL_HEADER } from '../../identity/principal.js';
import { nodeDrains } from '../../operations/load-limits.js';
import type { Metrics } from '../../operations/metrics.js';
import type { Backend } from '../backends/backend.js';
import type { Members } from '../members.js';
import { ANSWER_ID_HEADER } from '../peers/peer-auth.js';
import type { PeerPools } from '../peers/peer-pools.js';
import type { PeerTokens } from '../peers/peer-tokens.js';
import { affinityKey } from '../routing/affinity.js';
import type { Router } from '../routing/router.js';
import type { Target } from '../routing/target.js';
import { backendOf } from '../routing/targets.js';
import { Breakers } from './breakers.js';
import { begun, goOn } from './continuation.js';
import { type Broken, Exchange, type HeldAnswer, type Outcome, passedOn } from './exchange.js';
import { RetryBudget } from './retry-budget.js';
import { codeOf, isRefusal, mayBeRefusal, wasNotSent } from './tries.js';
import { UnderWay } from './under-way.js';

export interface ForwardingOptions {
  readonly router: Router;
  readonly members: Members;
  readonly backends: readonly Backend[];
  readonly pools: PeerPools;
  /** `undefined` without a cluster secret: no node is asked then. */
  readonly tokens: PeerTokens | undefined;
  readonly streaming: Streaming;
  readonly routing: Config['routing'];
  /** This node's engine would refuse one request more. */
  readonly isFull: (model: string) => boolean;
  readonly draining: AbortSignal;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Routes whose work any node or backend can do, and how their answers' ids begin; embeddings have none. */
const ROUTES: Readonly<Record<string, { readonly prefix?: IdPrefix }>> = {
  '/v1/chat/completions': { prefix: 'chatcmpl-' },
  '/v1/completions': { prefix: 'cmpl-' },
  '/v1/responses': { prefix: 'resp_' },
  '/v1/embeddings': {},
};

/** A target that has refused is not asked again for so long. */
const FULL_MILLISECONDS = 250;
const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** A request on its way to somebody else. */
interface Job {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly body: Buffer;
  readonly prefix: IdPrefix | undefined;
}

/**
 * Takes any request, and has it answered by whom the router says: here, by another node, or by a backend. The body
 * goes on as it came, and the answer as it comes. If a node is lost, its answer goes on from the journal; if it had not
 * begun, another one is asked.
 */
export class Forwarding {
  private readonly breakers: Breakers;
  private readonly budget: RetryBudget;
  /** What other nodes are answering. */
  private readonly underWay = new UnderWay<{ readonly exchange: Exchange; readonly target: string }>();

  constructor(private readonly options: ForwardingOptions) {
    const { members, router, routing, metrics, logger } = options;
    this.budget = new RetryBudget(routing.retries);
    this.breakers = new Breakers(routing.breaker, (target, state) => {
      metrics.of.breakerState.set({ target }, BREAKER_STATES[state]);
      logger.warn({ target, state }, 'circuit breaker');
    });
    members.onChange(() => {
      router.refresh();
      this.abandonLost();
    });
  }

  /** Adds itself to a server that anybody may ask; its routes answer what this node is to answer. */
  serve(app: FastifyInstance): void {
    app.addHook('preHandler', (request, reply) => this.route(request, reply));
  }

  private async route(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { body, rawBody } = request;
    request.rawBody = undefined;
    const route = ROUTES[request.routeOptions.url ?? ''];
    if (request.method !== 'POST' || !route || !rawBody || !isRecord(body)) return;
    const { model } = body;
    if (typeof model !== 'string') return;
    const { prefix } = route;
    const key = prefix && affinityKey(request.headers, body);
    request.affinityKey = key;
    const { router, metrics, isFull } = this.options;
    const excluded = new Set<string>();
    let refusal: HeldAnswer | undefined;
    for (;;) {
      const choice = router.choose(model, key, excluded);
      if (!choice) break;
      const { target, reason } = choice;
      excluded.add(target.id);
      if (target.kind === 'self') {
        if (isFull(model)) continue;
        metrics.of.routed.inc({ reason });
        reply.raw.once('close', router.enter(target));
        return;
      }
      if (!this.breakers.lets(target.id)) continue;
      metrics.of.routed.inc({ reason });
      const leave = router.enter(target);
      const outcome = await this.ask(target, { request, reply, body: rawBody, prefix }).finally(leave);
      if (outcome === 'answered') return reply;
      refusal = outcome ?? refusal;
    }
    if (this.options.draining.aborted) throw nodeDrains();
    // What nobody serves, and what is too much for all, is refused where it came, in that route's own words.
    if (!router.serves(model) || excluded.has(this.options.members.self)) return;
    if (refusal) return this.send(reply, refusal);
    throw modelUnavailable(model);
  }

  /** `undefined` if the target has not begun and is lost, its answer if it has refused: another one may take it. */
  private async ask(target: Target, job: Job): Promise<'answered' | HeldAnswer | undefined> {
    const { request, reply } = job;
    const { metrics, streaming } = this.options;
    const kind = target.kind === 'backend' ? 'backend' : 'peer';
    const id = kind === 'peer' && job.prefix ? newAnswerId(job.prefix, request.affinityKey) : undefined;
    const exchange = new Exchange({
      response: reply.raw,
      headers: this.headersOf(target),
      resumable: kind === 'peer',
      holds: (status) => mayBeRefusal(kind, status),
    });
    this.budget.request();
    const leave = this.underWay.enter({ exchange, target: target.id });
    let outcome: Outcome;
    try {
      await this.breakers
        .execute(target.id, () => this.dispatch(target, job, id, exchange))
        .catch((error: unknown) => {
          // What else went wrong is the exchange's outcome.
          if (this.breakers.isBroken(error)) throw error;
        });
      outcome = await exchange.outcome;
    } catch {
      return undefined;
    } finally {
      leave();
    }
    metrics.of.forwarded.inc({ target: target.id, outcome: nameOf(kind, outcome) });
    switch (outcome.type) {
      case 'answered':
        reply.hijack();
        return 'answered';
      case 'client-left':
        reply.hijack();
        if (id !== undefined && !isStreamed(request)) await discard(streaming.journal, id);
        return 'answered';
      case 'held':
        if (isRefusal(kind, outcome.answer)) return this.refused(target, outcome.answer);
        this.send(reply, outcome.answer, this.headersOf(target));
        return 'answered';
      case 'broken':
        return this.broken(target, job, id, outcome);
    }
  }

  private refused(target: Target, answer: HeldAnswer): HeldAnswer {
    this.options.router.full(target, FULL_MILLISECONDS);
    if (codeOf(answer.body) === 'invalid_peer_token') {
      this.options.logger.error({ target: target.id }, 'a node does not know the cluster secret of this one');
    }
    return answer;
  }

  /** Goes on where the target is lost, lets another one be asked where that is safe, or gives up. */
  private async broken(
    target: Target,
    { request, reply }: Job,
    id: string | undefined,
    { error, sent }: Broken,
  ): Promise<'answered' | undefined> {
    const { metrics, members, streaming, logger } = this.options;
    logger.warn({ target: target.id, err: error, sent: sent !== undefined }, 'forwarding failed');
    if (target.kind === 'peer') members.doubt(target.id);
    if (!sent && wasNotSent(error)) {
      metrics.of.forwardRetries.inc({ cause: 'connection' });
      return undefined;
    }
    const header = id === undefined || sent?.durable === false ? undefined : await begun(streaming, id);
    if (header) {
      metrics.of.streamsContinued.inc();
      await goOn(streaming, header, sent, request, reply).catch((err: unknown) => {
        if (!sent) throw err;
        logger.warn({ err }, 'stream cut');
      });
      return 'answered';
    }
    if (sent) {
      // Cut, not ended: the client must see that this was not all.
      reply.hijack();
      reply.raw.destroy();
      return 'answered';
    }
    // A backend may have done what it was asked.
    if (target.kind === 'backend') throw lost(target);
    if (!this.budget.take()) {
      metrics.of.retriesRefused.inc();
      throw lost(target);
    }
    metrics.of.forwardRetries.inc({ cause: 'lost' });
    return undefined;
  }

  private async dispatch(
    target: Target,
    { request, body }: Job,
    id: string | undefined,
    exchange: Exchange,
  ): Promise<void> {
    const { pools, tokens, backends } = this.options;
    const headers = ['content-type', 'application/json', 'x-request-id', request.id];
    let dispatcher: Dispatcher;
    // As it was routed: what came may be written in other ways.
    let path = request.routeOptions.url ?? request.url;
    if (target.kind === 'backend') {
      const backend = backendOf(backends, target);
      if (!backend) throw new Error(`there is no ${target.id}`);
      dispatcher = backend.pool;
      path = backend.path + path.slice('/v1'.length);
      if (backend.authorization !== undefined) headers.push('authorization', backend.authorization);
    } else {
      dispatcher = pools.of(target.url);
      headers.push('authorization', `Bearer ${await tokens?.tokenFor(target.id)}`);
      headers.push(PRINCIPAL_HEADER, encodePrincipal(request.principal));
      if (id !== undefined) headers.push(ANSWER_ID_HEADER, id);
    }
    dispatcher.dispatch({ path, method: 'POST', headers, body }, exchange);
    await exchange.started;
  }

  /** What this node says on an answer of another. */
  private headersOf(target: Target): Record<string, string> {
    const { members, backends } = this.options;
    const via = { [HEADERS.via]: members.self };
    if (target.kind === 'peer') return via;
    const name = backendOf(backends, target)?.name ?? '';
    return { ...via, [HEADERS.node]: name, [HEADERS.durable]: 'false' };
  }

  private send(
    reply: FastifyReply,
    { status, headers, body }: HeldAnswer,
    own: Record<string, string> = {},
  ): FastifyReply {
    reply.hijack();
    reply.raw.writeHead(status, passedOn(headers, own)).end(body);
    return reply;
  }

  /** Answers of nodes that are not well any more go on from the journal, rather than wait for a dead connection. */
  private abandonLost(): void {
    const { members } = this.options;
    for (const { exchange, target } of this.underWay) {
      const status = members.all.find(({ id }) => id === target)?.status;
      if (status === 'suspected' || status === 'dead') {
        exchange.abandon(new Error(`The node ${target} is ${status}.`));
      }
    }
  }
}

function nameOf(kind: 'peer' | 'backend', outcome: Outcome): string {
  if (outcome.type !== 'held') return outcome.type;
  return isRefusal(kind, outcome.answer) ? 'refused' : 'answered';
}

function isStreamed({ body }: FastifyRequest): boolean {
  return isRecord(body) && body.stream === true;
}

function lost({ id }: Target): ApiError {
  const message = `${id}, which was answering, is lost: try again.`;
  return new ApiError(503, 'server_error', 'answer_lost', message, null, { 'retry-after': '1' });
}
