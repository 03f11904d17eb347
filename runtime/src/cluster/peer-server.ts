import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { ApiError } from '../api/api-error.js';
import { createServer } from '../api/server.js';

/** Peers send little; whole conversations go through the journal. */
const BODY_BYTES = 1024 * 1024;

export interface PeerServerOptions {
  readonly logger: FastifyBaseLogger;
  /** What all nodes share. Sent as a bearer token. */
  readonly secret: string;
}

/** What nodes ask of each other, on a port of its own, for holders of the cluster's secret only. */
export function createPeerServer({ logger, secret }: PeerServerOptions): FastifyInstance {
  const app = createServer({ logger, maxBodyBytes: BODY_BYTES });
  const expected = digest(`Bearer ${secret}`);
  app.addHook('onRequest', async ({ headers }) => {
    if (timingSafeEqual(digest(headers.authorization ?? ''), expected)) return;
    throw new ApiError(
      401,
      'authentication_error',
      'invalid_cluster_secret',
      'Send the cluster secret.',
      null,
      {
        'www-authenticate': 'Bearer',
      },
    );
  });
  return app;
}

/** Of equal length whatever was sent, as a comparison in constant time needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
