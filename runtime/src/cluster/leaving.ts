import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PATHS } from '../../contract.cjs';
import { ApiError } from '../api/api-error.js';
import { parseBody } from '../api/validation.js';
import { audit } from '../identity/audit.js';
import type { Members } from './members.js';
import type { PeerCall } from './peer-call.js';

export interface LeavingOptions {
  readonly members: Members;
  /** `undefined` where no peer can be called. */
  readonly call: PeerCall | undefined;
  /** Resolves when the node's streams are handed over. Does so once, however often it is called. */
  readonly drain: () => Promise<void>;
}

const requestSchema = z.strictObject({ node: z.string().min(1).optional() }).default({});
const peerRequestSchema = z.object({ wait: z.boolean().default(true) }).default({ wait: true });

/**
 * `POST /api/v1/cluster/leave` with `{"node": ID}`, or of this node: it takes no new work from now on and hands its
 * streams over. Answers 202 before that is done; the node can then be stopped. Only a restart brings it back.
 */
export function leaveRoute(app: FastifyInstance, { members, call, drain }: LeavingOptions): void {
  app.post(PATHS.leave, async (request, reply) => {
    const { node = members.self } = parseBody(requestSchema, request.body ?? {});
    audit(request, 'node.leave', node);
    if (node === members.self)
      void drain().catch((err: unknown) => request.log.error({ err }, 'drain failed'));
    else await leaveElsewhere(node, members, call);
    return reply.code(202).send({ node, status: 'draining' });
  });
}

/** The same of this node, on the peer port. Answers when it is done, unless told not to wait. */
export function leaveOfNode(peers: FastifyInstance, { drain }: Pick<LeavingOptions, 'drain'>): void {
  peers.post(PATHS.leave, async ({ body, log }) => {
    const drained = drain();
    if (peerRequestSchema.parse(body ?? undefined).wait) await drained;
    else drained.catch((err: unknown) => log.error({ err }, 'drain failed'));
    return { left: true };
  });
}

async function leaveElsewhere(node: string, members: Members, call: PeerCall | undefined): Promise<void> {
  const member = members.all.find(({ id }) => id === node);
  if (!member || member.status === 'left' || member.status === 'dead') {
    const there = members.all.map(({ id }) => id).join(', ');
    throw new ApiError(
      404,
      'invalid_request_error',
      'node_not_found',
      `There is no node ${node}; there is ${there}.`,
      'node',
    );
  }
  if (member.peerUrl === undefined || !call) {
    throw new ApiError(
      503,
      'server_error',
      'node_unreachable',
      `${node} can't be told: ask it itself, or give all nodes a cluster secret.`,
    );
  }
  try {
    await call(`${member.peerUrl}${PATHS.leave}`, { wait: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApiError(503, 'server_error', 'node_unreachable', `${node} did not answer: ${reason}`, null, {
      'retry-after': '1',
    });
  }
}
