import { pathSteps, valueAt } from '../../json';
import type { KubernetesObject } from '../../kubernetes-object';
import {
  connectionLimit,
  connectionPools,
  type Model,
  type Service,
  type Setting,
  type Workload,
} from '../../model';
import type { Rule } from '../../rule';

/** More connections than a database or cache takes, once everything runs at its maximum. */
export const connectionBudget: Rule = {
  id: 'scaling/connection-budget',
  severity: 'error',
  description: 'Maximum replicas × pool size exceeds the connections that the database or cache takes.',
  *check(model: Model) {
    for (const { services, clients } of clientsByServer(model)) {
      const [limit] = [...services].flatMap((service) => connectionLimit(service) ?? []);
      const all = [...clients.values()];
      const total = all.reduce((sum, client) => sum + client.pods * client.size, 0);
      const [largest] = all.sort((a, b) => b.pods * b.size - a.pods * a.size);
      if (!limit || !largest || total <= limit.limit) continue;
      const { workload, setting, pods } = largest;
      const { object, path } = pods > 1 && setsReplicas(workload) ? workload.replicas : setting;
      const terms = all.map(
        (client) =>
          `${client.workload.label} with ${client.workload.replicas.text} opens ${client.pods} × ${client.size} = ${client.pods * client.size} connections by ${client.setting.name}`,
      );
      yield {
        object,
        path,
        message: `${terms.join(', ')}${all.length > 1 ? `, ${total} in all` : ''}, but ${limit.text} allows ${limit.limit}.`,
        fix: `Lower the replicas of ${workload.label} or its ${setting.name}, put a pooler between, or raise the server's limit to ${total} and more.`,
      };
    }
  },
};

/** What one workload may open to one server. */
interface Client {
  readonly workload: Workload;
  readonly pods: number;
  /** Connections of each pod. */
  size: number;
  readonly setting: Setting;
}

interface Server {
  readonly services: Set<Service>;
  /** By label: an object that stands twice in the input is one. */
  readonly clients: Map<string, Client>;
}

function clientsByServer(model: Model): Iterable<Server> {
  const servers = new Map<KubernetesObject, Server>();
  const seen = new Set<string>();
  for (const workload of model.workloads) {
    const label = `${workload.namespace}/${workload.label}`;
    if (seen.has(label)) continue;
    seen.add(label);
    const { guaranteed, possible } = workload.replicas;
    const pods = Number.isFinite(possible) ? possible : guaranteed;
    for (const { server, service, size, setting } of workload.runningContainers.flatMap(connectionPools)) {
      const found = servers.get(server) ?? { services: new Set(), clients: new Map() };
      servers.set(server, found);
      found.services.add(service);
      const client = found.clients.get(label);
      if (client) client.size += size;
      else if (pods > 0) found.clients.set(label, { workload, pods, size, setting });
    }
  }
  return servers.values();
}

/** Whether the number of pods stands in a field: then that is the one to change. */
function setsReplicas({ replicas }: Workload): boolean {
  return (
    replicas.object.kind === 'ScaledObject' ||
    valueAt(replicas.object.manifest, ...pathSteps(replicas.path)) !== undefined
  );
}
