import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set where another node forwards the request, and has chosen the id, to find the answer whatever happens. */
    givenId: string | undefined;
    /** What the request has in common with others that should meet on one node. */
    affinityKey: number | undefined;
  }
}

export function decorateAnswerId(app: FastifyInstance): void {
  app.decorateRequest('givenId');
  app.decorateRequest('affinityKey');
}

export type IdPrefix = 'chatcmpl-' | 'cmpl-' | 'resp_';

/** The id of the answer to a request. */
export function answerId(prefix: IdPrefix, { givenId, affinityKey }: FastifyRequest): string {
  return givenId ?? newAnswerId(prefix, affinityKey);
}

/** A response's id begins with its affinity key, so that what follows it can be routed to where it was. */
export function newAnswerId(prefix: IdPrefix, affinityKey: number | undefined): string {
  const key = prefix === 'resp_' ? digits(affinityKey ?? Math.floor(Math.random() * 2 ** 32)) : '';
  return `${prefix}${key}${randomUUID().replaceAll('-', '')}`;
}

function digits(key: number): string {
  return key.toString(16).padStart(8, '0');
}
