import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { HEADERS } from '../../contract.cjs';
import { CLIENT_LEFT } from '../api/api-error.js';
import { isUpgrade } from '../api/upgrade.js';
import type { Metrics } from './metrics.js';

export interface RequestCount {
  /** Requests that have not been answered to the end. */
  readonly inFlight: number;
}

/** The caller's id for a request if it is one that can't harm a log, else a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given)) return given;
  return `req_${randomUUID().replaceAll('-', '')}`;
}

/**
 * Names the node and the request on every answer; measures and logs each. A log line has the route's pattern, never
 * the URL, headers or body: they may hold secrets and prompts.
 */
export function observeRequests(app: FastifyInstance, nodeId: string, { of }: Metrics): RequestCount {
  let inFlight = 0;
  app.addHook('onRequest', (request, reply, done) => {
    const start = performance.now();
    // On the raw answer, since streams are written past Fastify.
    reply.raw.setHeader('x-request-id', request.id);
    reply.raw.setHeader(HEADERS.node, nodeId);
    const upgrades = isUpgrade(request.raw);
    if (!upgrades) of.requestsInFlight.set(++inFlight);
    reply.raw.once('close', () => {
      // One that has become a WebSocket is no request any more.
      if (upgrades && !reply.raw.headersSent) return;
      if (!upgrades) of.requestsInFlight.set(--inFlight);
      const { method } = request;
      const route = request.routeOptions.url ?? 'unknown';
      const status = reply.raw.writableFinished ? reply.raw.statusCode : CLIENT_LEFT;
      const seconds = (performance.now() - start) / 1000;
      of.requestSeconds.observe({ method, route, status }, seconds);
      if (status === 413) of.refused.inc({ limit: 'body' });
      if (route === '/v1/streams/:id' && reply.raw.statusCode === 200) of.streamsResumed.inc();
      const level = route.startsWith('/v1/') ? 'info' : 'debug';
      request.log[level]({ method, route, status, ms: Math.round(seconds * 1000) }, 'request');
    });
    done();
  });
  return {
    get inFlight() {
      return inFlight;
    },
  };
}
