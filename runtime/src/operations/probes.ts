import type { FastifyInstance, FastifyReply } from 'fastify';
import { PATHS } from '../../contract.cjs';
import type { Engines } from '../engine/engines.js';
import { VERSION } from '../version.js';

export interface ProbeOptions {
  readonly nodeId: string;
  readonly role: string;
  readonly engines: Engines;
  /** Aborted once the node takes no new work. */
  readonly draining: AbortSignal;
  /** More that operators want to see, by topic. */
  readonly details: () => Readonly<Record<string, unknown>>;
}

/** What Kubernetes asks, and what operators look at. None of it is for the public. */
export function probes(app: FastifyInstance, options: ProbeOptions): void {
  const { engines, draining } = options;

  app.get(PATHS.health, async () => ({ status: 'ok' }));

  app.get(PATHS.ready, async (_request, reply) => {
    if (draining.aborted) return unavailable(reply, 'draining', 'The node hands its streams over.');
    if (engines.isReady) return { status: 'ready' };
    return unavailable(reply, 'not_ready', reasonOf(engines));
  });

  app.get(PATHS.startup, async (_request, reply) => {
    const models = engines.status.map(({ engine: _engine, ...status }) => status);
    if (engines.hasStarted) return { status: 'started', models };
    return reply.code(503).send({ status: 'starting', models });
  });

  app.get(`${PATHS.health}/detailed`, async () => ({
    status: draining.aborted ? 'draining' : engines.isReady ? 'ok' : 'not_ready',
    node: options.nodeId,
    role: options.role,
    version: VERSION,
    uptimeSeconds: Math.round(process.uptime()),
    memory: process.memoryUsage(),
    models: engines.status.map(({ engine, ...status }) => ({
      ...status,
      ...(engine && { load: engine.load }),
    })),
    ...options.details(),
  }));
}

function unavailable(reply: FastifyReply, status: string, reason: string): FastifyReply {
  return reply.code(503).send({ status, reason });
}

function reasonOf(engines: Engines): string {
  return engines.status
    .map(({ id, phase, reason }) => `${id}: ${phase}${reason === undefined ? '' : ` (${reason})`}`)
    .join('; ');
}
