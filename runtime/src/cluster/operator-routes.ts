import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiError, databaseAway, databaseRequired } from '../api/api-error.js';
import { parseBody } from '../api/validation.js';
import type { Database } from '../database/database.js';
import { audit } from '../identity/audit.js';
import type { Cluster } from './cluster.js';
import type { ClusterEvents } from './events.js';
import type { Registry } from './registry.js';

const weight = z.number().min(0).max(1000);

const nodeSchema = z.strictObject({ weight });
const instanceSchema = z
  .strictObject({
    model: z.string().min(1),
    /** Without it, on all nodes. */
    node: z.string().min(1).optional(),
    enabled: z.boolean().optional(),
    weight: weight.optional(),
    /** Ends a quarantine: the model is tried again at once. */
    release: z.literal(true).optional(),
  })
  .refine(({ enabled, weight, release }) => enabled !== undefined || weight !== undefined || release, {
    message: 'say what to set: enabled, weight or release',
  });

export interface OperatorRoutesOptions {
  readonly cluster: Cluster;
  readonly database: Database | undefined;
  readonly events: ClusterEvents;
}

/** What operators set, through any node; the nodes that it is about follow with their next heartbeat. */
export function operatorRoutes(
  app: FastifyInstance,
  { cluster, database, events }: OperatorRoutesOptions,
): void {
  const registry = (): Registry => {
    if (!database || !cluster.registry) throw databaseRequired('What operators set is kept in PostgreSQL');
    if (!database.available) throw databaseAway();
    return cluster.registry;
  };

  /** `POST /api/v1/nodes/{node}` with `{"weight": 0.5}`: how much work a node gets beside others. */
  app.post<{ Params: { node: string } }>('/api/v1/nodes/:node', async (request) => {
    const { node } = request.params;
    const change = parseBody(nodeSchema, request.body);
    audit(request, 'node.weight', node);
    if (!(await registry().setNodeWeight(node, change.weight))) {
      throw notFound('node_not_found', `There is no node ${node}: see /api/v1/nodes.`);
    }
    events.record('node.weighted', { node, ...change });
    return { node, ...change };
  });

  /** `POST /api/v1/instances` with `{"model": …, "node": …, "enabled": false}`: one model on one node, or on all. */
  app.post('/api/v1/instances', async (request) => {
    const { model, node, ...change } = parseBody(instanceSchema, request.body);
    audit(request, 'instance.set', node === undefined ? model : `${model} on ${node}`);
    const instances = await registry().setInstance(model, node, change);
    if (instances === 0) {
      const where = node === undefined ? 'any node' : node;
      throw notFound('instance_not_found', `There is no ${model} on ${where}: see /api/v1/models.`);
    }
    events.record('instance.set', { model, ...(node !== undefined && { node }), ...change });
    return { model, ...(node !== undefined && { node }), ...change, instances };
  });
}

function notFound(code: string, message: string): ApiError {
  return new ApiError(404, 'invalid_request_error', code, message);
}
