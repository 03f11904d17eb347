import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ApiError } from '../../api/api-error.js';
import { ANONYMOUS, decodePrincipal, PRINCIPAL_HEADER } from '../../identity/principal.js';
import type { Metrics } from '../../operations/metrics.js';
import { PeerTokenError, type PeerTokens } from './peer-tokens.js';

/** The id that the answer to a forwarded request is to have. */
export const ANSWER_ID_HEADER = 'polypod-answer-id';
const ANSWER_ID = /^[\w-]{8,80}$/;

export interface PeerAuthOptions {
  readonly tokens: PeerTokens;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Lets other nodes in, and nobody else; believes them who it is that asks, and which id the answer is to have. */
export function authenticatePeers(app: FastifyInstance, { tokens, metrics, logger }: PeerAuthOptions): void {
  app.addHook('onRequest', async (request) => {
    const { headers, ip, routeOptions } = request;
    try {
      await tokens.verify(headers.authorization);
    } catch (error) {
      if (!(error instanceof PeerTokenError)) throw error;
      metrics.of.peersRefused.inc({ fault: error.fault });
      logger.warn({ fault: error.fault, ip, route: routeOptions.url }, 'peer refused');
      throw new ApiError(401, 'authentication_error', 'invalid_peer_token', error.message, null, {
        'www-authenticate': 'Bearer',
      });
    }
    const principal = headers[PRINCIPAL_HEADER];
    const asks = typeof principal === 'string' ? decodePrincipal(principal) : undefined;
    request.principal = asks ?? ANONYMOUS;
    const id = headers[ANSWER_ID_HEADER];
    if (typeof id === 'string' && ANSWER_ID.test(id)) request.givenId = id;
  });
}
