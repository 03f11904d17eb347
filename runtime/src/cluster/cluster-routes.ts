import type { FastifyInstance } from 'fastify';
import type { Cluster } from './cluster.js';
import type { Member, MemberModel } from './members.js';

const ALIVE: readonly Member['status'][] = ['healthy', 'suspected', 'draining'];

/** What operators ask of the cluster as a whole. */
export function clusterRoutes(app: FastifyInstance, cluster: Cluster): void {
  const { members } = cluster;

  app.get('/api/v1/nodes', async () => ({ data: members.all }));

  app.get('/api/v1/models', async () => ({ data: modelsOf(members.all) }));

  app.get('/api/v1/cluster/leader', async () => ({
    leader: members.leader ?? null,
    epoch: members.epoch,
    self: members.self,
  }));

  /** Seed 002's fields, for tools that read them, and what is behind them. */
  app.get('/api/v1/cluster/status', async () => {
    const alive = members.all.filter(({ status }) => ALIVE.includes(status));
    const models = modelsOf(members.all);
    return {
      cluster_id: cluster.clusterId ?? null,
      leader: members.leader ?? null,
      epoch: members.epoch,
      nodes: members.all.map(({ id, status, role, phi }) => ({
        id,
        status,
        role: id === members.leader ? 'leader' : 'follower',
        duties: role,
        phi,
      })),
      models: models.map(({ id, ready, instances }) => ({ id, ready, instances: instances.length })),
      healthy: alive.filter(({ status }) => status === 'healthy').length,
      size: alive.length,
      fault_tolerance: {
        enabled: alive.length > 1,
        predictive_detection: 'active',
        self_healing: 'active',
        redundancy_factor: models.length === 0 ? 0 : Math.min(...models.map(({ ready }) => ready)),
      },
    };
  });
}

interface ModelInstances {
  readonly id: string;
  /** Instances that answer. */
  readonly ready: number;
  readonly instances: readonly (Omit<MemberModel, 'id'> & { readonly node: string })[];
}

/** Every model of the cluster, and where it is. */
function modelsOf(members: readonly Member[]): ModelInstances[] {
  const byModel = new Map<string, ModelInstances['instances'][number][]>();
  for (const { id: node, status, models } of members) {
    if (!ALIVE.includes(status)) continue;
    for (const { id, ...model } of models) {
      const instances = byModel.get(id) ?? [];
      instances.push({ node, ...model });
      byModel.set(id, instances);
    }
  }
  return [...byModel]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, instances]) => ({
      id,
      ready: instances.filter(({ state, enabled }) => state === 'ready' && enabled).length,
      instances,
    }));
}
