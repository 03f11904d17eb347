import type { FastifyInstance } from 'fastify';
import { HEADERS } from '../../contract.cjs';
import { createServer } from '../api/server.js';
import { authenticatePeers, type PeerAuthOptions } from './peers/peer-auth.js';

export interface PeerServerOptions extends PeerAuthOptions {
  readonly nodeId: string;
  readonly maxBodyBytes: number;
}

export interface PeerServer {
  readonly app: FastifyInstance;
  /** Requests of other nodes that have not been answered to the end. */
  readonly inFlight: number;
}

/** What nodes ask of each other, on a port of its own, for holders of the cluster's secret only. */
export function createPeerServer(options: PeerServerOptions): PeerServer {
  const app = createServer(options);
  let inFlight = 0;
  // The node that took the request logs and measures it; here it is only counted.
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.setHeader('x-request-id', request.id);
    reply.raw.setHeader(HEADERS.node, options.nodeId);
    inFlight++;
    reply.raw.once('close', () => inFlight--);
    done();
  });
  authenticatePeers(app, options);
  return {
    app,
    get inFlight() {
      return inFlight;
    },
  };
}
