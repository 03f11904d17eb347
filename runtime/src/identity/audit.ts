import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Database } from '../database/database.js';
import type { Metrics } from '../operations/metrics.js';
import type { Principal } from './principal.js';
import { tablesOf } from './source.js';

export interface AuditEntry {
  readonly actor: Pick<Principal, 'id' | 'name'>;
  /** What was done, as `area.act`, or the method and route. */
  readonly act: string;
  /** To what. */
  readonly target?: string;
  readonly status?: number;
  readonly address?: string;
  readonly requestId?: string;
}

interface AuditRecord extends AuditEntry {
  readonly id: number;
  readonly at: Date;
  readonly node: string | null;
}

export interface AuditOptions {
  readonly database: Database | undefined;
  readonly nodeId: string | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
}

/** Of what a client names, which may be anything. */
const TARGET_CHARACTERS = 500;

/** What a request does, and to what: for the audit log, once it is answered. */
const acts = new WeakMap<FastifyRequest, { act: string; target: string | undefined }>();

/** Says in the audit log's words what this request does. Without it, it is there by method, route and parameters. */
export function audit(request: FastifyRequest, act: string, target?: string): void {
  acts.set(request, { act, target });
}

/** Who has changed what. What PostgreSQL does not take stands in the node's own log. */
export class AuditLog {
  constructor(private readonly options: AuditOptions) {}

  /** Never fails. */
  async record(entry: AuditEntry): Promise<void> {
    const { database, nodeId, logger, metrics } = this.options;
    try {
      await tablesOf(database)
        .insertInto('audit_log')
        .values({
          actor_id: entry.actor.id,
          actor_name: entry.actor.name,
          act: entry.act,
          target: entry.target?.slice(0, TARGET_CHARACTERS).replaceAll('\0', '\uFFFD') ?? null,
          status: entry.status ?? null,
          address: entry.address ?? null,
          node_id: nodeId ?? null,
          request_id: entry.requestId ?? null,
        })
        .execute();
    } catch (err) {
      metrics?.of.auditFailures.inc();
      logger.warn({ audit: entry, err: database && err }, 'act not in the audit log');
    }
  }

  /**
   * Records every request that {@link audit} was called for, and every one for which `isAct` holds. Not those of nobody:
   * they are refused, logged and counted, and could fill the database.
   */
  observe(app: FastifyInstance, isAct: (request: FastifyRequest) => boolean): void {
    app.addHook('onResponse', (request, reply, done) => {
      done();
      const said = acts.get(request);
      if (!said && (request.principal.kind === 'anonymous' || !isAct(request))) return;
      const parameters = Object.values(request.params ?? {}).join(' ');
      void this.record({
        actor: request.principal,
        act: said?.act ?? `${request.method} ${request.routeOptions.url}`,
        target: said?.target ?? parameters,
        status: reply.statusCode,
        address: request.ip,
        requestId: request.id,
      });
    });
  }

  /** The latest first; `before` is the id of the last one seen. */
  async page(limit: number, before?: number): Promise<AuditRecord[]> {
    const rows = await tablesOf(this.options.database)
      .selectFrom('audit_log')
      .selectAll()
      .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      at: row.at,
      actor: { id: row.actor_id, name: row.actor_name },
      act: row.act,
      ...(row.target && { target: row.target }),
      ...(row.status !== null && { status: row.status }),
      ...(row.address !== null && { address: row.address }),
      ...(row.request_id !== null && { requestId: row.request_id }),
      node: row.node_id,
    }));
  }
}
