import { isObject, objectAt, objectsAt, pathTo, textAt, valueAt } from '../../json';
import type { Autoscaler, Container, Model, Workload } from '../../model';
import type { Rule } from '../../rule';

/** An autoscaler that reckons in shares of a request that is not there. */
export const utilizationWithoutRequest: Rule = {
  id: 'scaling/utilization-without-request',
  severity: 'error',
  description:
    'An autoscaler on Utilization of a resource that a container of its target does not request: it can reckon no share, and never scales.',
  *check(model: Model) {
    const defaulted = defaults(model);
    const told = new Set<string>();
    for (const autoscaler of model.autoscalers) {
      const wanted = utilizations(autoscaler);
      for (const workload of wanted.length > 0 ? scaledBy(model, autoscaler) : []) {
        for (const { resource, container: only, target } of wanted) {
          if (isGiven(objectAt(workload.podSpec, 'resources'), resource)) continue; // for the pod as a whole
          if (defaulted.has(`${workload.namespace}/${resource}`)) continue;
          for (const container of workload.runningContainers) {
            if (only !== undefined && only !== container.name) continue;
            const path = pathTo(container.path, 'resources', 'requests', resource);
            const key = `${workload.label}\0${workload.namespace}\0${path}`;
            if (requests(container, resource) || told.has(key)) continue;
            told.add(key);
            yield {
              object: workload.object,
              path,
              message: `${autoscaler.object.kind}/${autoscaler.object.name} scales on ${target} of the ${resource} that is requested, and container ${container.name} requests none: it never scales.`,
              fix: `Request ${resource} in container ${container.name}, or let the autoscaler go by AverageValue.`,
            };
          }
        }
      }
    }
  },
};

interface Utilization {
  readonly resource: string;
  /** The only container that counts. @default all */
  readonly container?: string;
  /** For messages: `70 %`. */
  readonly target: string;
}

/** Resources of which an autoscaler wants a share. Without any metric, an HPA takes 80 % of the CPU. */
function utilizations({ object, metrics }: Autoscaler): Utilization[] {
  const { kind, apiVersion, manifest, annotations } = object;
  if (kind === 'ScaledObject') return metrics.flatMap(({ item }) => triggerUtilization(item) ?? []);
  if (apiVersion === 'autoscaling/v1') {
    if ('autoscaling.alpha.kubernetes.io/metrics' in annotations) return [];
    const share = valueAt(manifest, 'spec', 'targetCPUUtilizationPercentage');
    return [{ resource: 'cpu', target: percent(share ?? 80) }];
  }
  if (metrics.length === 0) return [{ resource: 'cpu', target: percent(80) }];
  return metrics.flatMap(({ item }) => {
    const source = isObject(item.containerResource) ? item.containerResource : item.resource;
    const resource = textAt(source, 'name');
    // `targetAverageUtilization` is how autoscaling/v2beta1 says it.
    const share =
      valueAt(source, 'target', 'averageUtilization') ?? valueAt(source, 'targetAverageUtilization');
    if (resource === undefined || share === undefined || share === null) return [];
    const container = source === item.containerResource ? textAt(source, 'container') : undefined;
    return [{ resource, container, target: percent(share) }];
  });
}

/** KEDA makes an HPA of it: https://keda.sh/docs/latest/scalers/cpu/ */
function triggerUtilization(trigger: Autoscaler['metrics'][number]['item']): Utilization | undefined {
  const resource = textAt(trigger, 'type');
  if (resource !== 'cpu' && resource !== 'memory') return undefined;
  const type = textAt(trigger, 'metricType') ?? textAt(trigger, 'metadata', 'type');
  if (type !== 'Utilization') return undefined;
  const container = textAt(trigger, 'metadata', 'containerName');
  return { resource, container, target: percent(valueAt(trigger, 'metadata', 'value')) };
}

function percent(share: unknown): string {
  return typeof share === 'number' || typeof share === 'string' ? `${share} %` : 'a share';
}

/** What an autoscaler counts: of a LeaderWorkerSet's pods, only the leaders. */
function scaledBy(model: Model, { object, target }: Autoscaler): Workload[] {
  const found = model.find(target.kind, object.namespace, target.name);
  return found ? model.workloadsOf(found).filter(({ isHook, role }) => !isHook && role !== 'worker') : [];
}

function requests({ spec }: Container, resource: string): boolean {
  return isGiven(objectAt(spec, 'resources'), resource);
}

/** A limit without a request is the request, too. A value that a cloud has yet to say is one. */
function isGiven(resources: ReturnType<typeof objectAt>, resource: string): boolean {
  const value = valueAt(resources, 'requests', resource) ?? valueAt(resources, 'limits', resource);
  return value !== undefined && value !== null;
}

/** What LimitRanges give to containers that ask for nothing, as `namespace/resource`. */
function defaults(model: Model): Set<string> {
  const given = model.ofKind('LimitRange').flatMap(({ manifest, namespace }) =>
    objectsAt(manifest, 'spec', 'limits')
      .filter(({ item }) => item.type === 'Container')
      .flatMap(({ item }) =>
        ['defaultRequest', 'default'].flatMap((field) => Object.keys(objectAt(item, field))),
      )
      .map((resource) => `${namespace}/${resource}`),
  );
  return new Set(given);
}
