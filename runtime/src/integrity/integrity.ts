import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PATHS } from '../../contract.cjs';
import type { ClusterEvents } from '../cluster/events.js';
import type { Members } from '../cluster/members.js';
import type { PeerCall } from '../cluster/peer-call.js';
import type { Metrics } from '../operations/metrics.js';
import { type IntegrityReport, integrityReport, type UnreachableNode } from './integrity-report.js';
import { isDamaged, type NodeCheck, NodeChecker, type NodeCheckerOptions } from './node-check.js';

export interface IntegrityOptions extends Omit<NodeCheckerOptions, 'onDone'> {
  readonly members: Members;
  /** `undefined` where no peer can be called. */
  readonly call: PeerCall | undefined;
  readonly events: ClusterEvents;
  readonly metrics: Metrics;
}

/** Whether every node reads the model files that it should: all of them, whole. */
export class Integrity {
  private readonly checker: NodeChecker;

  constructor(private readonly options: IntegrityOptions) {
    this.checker = new NodeChecker({ ...options, onDone: (check) => this.onDone(check) });
  }

  /** What each node says of its last check. `start` has all of them begin one first. */
  async ask(start: boolean): Promise<IntegrityReport> {
    const { members, call } = this.options;
    const others = members.all.filter(({ id, status }) => id !== members.self && isThere(status));
    const nodes = await Promise.all(
      others.map(async ({ id, peerUrl }): Promise<NodeCheck | UnreachableNode> => {
        try {
          if (peerUrl === undefined || !call) throw new Error('it has no peer port, or this node no secret');
          return nodeCheckSchema.parse(await call(`${peerUrl}${PATHS.integrity}`, { start }));
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          return { node: id, status: 'unreachable', reason };
        }
      }),
    );
    return integrityReport(
      [this.own(start), ...nodes].toSorted((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true })),
    );
  }

  /** This node's own check. */
  own(start: boolean): NodeCheck {
    if (start) this.checker.start();
    return this.checker.current;
  }

  stop(): Promise<void> {
    return this.checker.stop();
  }

  private onDone({ status, files, totalBytes, reason }: NodeCheck): void {
    const { events, metrics, models } = this.options;
    const damaged = files.filter(isDamaged);
    if (status !== 'failed') {
      for (const { id } of models) {
        metrics.of.modelFilesDamaged.set({ model: id }, damaged.filter(({ model }) => model === id).length);
      }
      metrics.of.integrityChecked.set(Date.now() / 1000);
    }
    events.record(`integrity.${status}`, {
      files: files.length,
      bytes: totalBytes,
      ...(damaged.length > 0 && { damaged: damaged.map(({ model, path }) => ({ model, path })) }),
      ...(reason !== undefined && { reason }),
    });
  }
}

/**
 * `GET /api/v1/cluster/integrity` shows what the nodes found last; POST has all of them read all of their models'
 * files, at the same time, and answers 202 at once.
 */
export function integrityRoutes(app: FastifyInstance, integrity: Integrity): void {
  app.get(PATHS.integrity, async () => integrity.ask(false));
  app.post(PATHS.integrity, async (_request, reply) => reply.code(202).send(await integrity.ask(true)));
}

const peerRequestSchema = z.object({ start: z.boolean() });

/** The same of one node, on the peer port. */
export function integrityOfNode(peers: FastifyInstance, integrity: Integrity): void {
  peers.post(PATHS.integrity, async ({ body }) => integrity.own(peerRequestSchema.parse(body).start));
}

const nodeCheckSchema = z.object({
  node: z.string(),
  status: z.enum(['never', 'running', 'whole', 'damaged', 'failed']),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
  readBytes: z.number(),
  totalBytes: z.number(),
  files: z.array(
    z.object({
      model: z.string(),
      path: z.string(),
      bytes: z.number(),
      sha256: z.string().optional(),
      expected: z.string().optional(),
    }),
  ),
  reason: z.string().optional(),
});

function isThere(status: Members['all'][number]['status']): boolean {
  return status !== 'left' && status !== 'dead';
}
