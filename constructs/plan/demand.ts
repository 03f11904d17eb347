import { objectAt } from '../checks/json';
import { isDevice } from '../checks/known/devices';
import type { JsonObject } from '../checks/kubernetes-object';
import { parseQuantity, type Workload } from '../checks/model';

/** What pods ask a cluster for. */
export interface Demand {
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  /** GPUs and the like, by the name of their resource. */
  readonly devices: Readonly<Record<string, number>>;
}

export const NOTHING: Demand = { cpu: 0, memory: 0, devices: {} };

/**
 * What one pod takes of a node, as the scheduler reckons it: all containers that run together (sidecars among them), or
 * the one init container that asks for more, with the sidecars that started before it; and the overhead of its
 * runtime class. What stands in `spec.resources` of the pod replaces the sum of its containers.
 *
 * Source: PodRequests in kubernetes/staging/src/k8s.io/component-helpers/resource/helpers.go.
 */
export function podDemand(workload: Workload): Demand {
  const { podSpec, containers } = workload;
  const ofPod = objectAt(podSpec, 'resources');
  const overhead = objectAt(podSpec, 'overhead');
  const amount = (resource: string): number => {
    let together = 0;
    let highest = 0;
    let sidecars = 0;
    for (const container of containers) {
      const request = container.request(resource) ?? 0;
      if (container.phase === 'init') {
        highest = Math.max(highest, sidecars + request);
        continue;
      }
      together += request;
      if (container.phase === 'sidecar') sidecars += request;
    }
    const whole = requestOf(ofPod, resource) ?? Math.max(together, highest);
    return whole + (parseQuantity(overhead[resource]) ?? 0);
  };
  const resources = [ofPod, ...containers.map(({ spec }) => objectAt(spec, 'resources'))];
  const names = resources.flatMap((one) =>
    ['requests', 'limits'].flatMap((list) => Object.keys(objectAt(one, list))),
  );
  const devices = [...new Set(names)].filter(isDevice).sort();
  return {
    cpu: amount('cpu'),
    memory: amount('memory'),
    devices: Object.fromEntries(devices.map((name) => [name, amount(name)])),
  };
}

function requestOf(resources: JsonObject, resource: string): number | undefined {
  return (
    parseQuantity(objectAt(resources, 'requests')[resource]) ??
    parseQuantity(objectAt(resources, 'limits')[resource])
  );
}

/** So many pods together. */
export function times({ cpu, memory, devices }: Demand, pods: number): Demand {
  return {
    cpu: round(cpu * pods),
    memory: memory * pods,
    devices: Object.fromEntries(Object.entries(devices).map(([name, count]) => [name, count * pods])),
  };
}

export function plus(one: Demand, other: Demand): Demand {
  const names = [...new Set([...Object.keys(one.devices), ...Object.keys(other.devices)])].sort();
  return {
    cpu: round(one.cpu + other.cpu),
    memory: one.memory + other.memory,
    devices: Object.fromEntries(
      names.map((name) => [name, (one.devices[name] ?? 0) + (other.devices[name] ?? 0)]),
    ),
  };
}

/** To thousandths of a core, which is as fine as Kubernetes counts. */
const round = (cores: number) => Math.round(cores * 1000) / 1000;
