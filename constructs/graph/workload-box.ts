import { objectAt, textAt } from '../checks/json';
import { type Autoscaler, allowanceOf, devicesOf, type Model, type Workload } from '../checks/model';
import { podDemand } from '../plan/demand';
import { binary, short } from '../plan/report/figures';
import { knownServerOf } from '../plan/servers';
import { spreadOf } from '../plan/spread';
import type { WorkloadBox } from './picture';

export const workloadId = ({ namespace, label }: Workload) => `${namespace}/${label}`;

/** What policies close around a workload. Where others than Kubernetes' own have a say, nobody knows. */
export function isolationOf(model: Model, { namespace, policies, podSpec }: Workload) {
  if (podSpec.hostNetwork === true || model.hasOtherPolicies(namespace))
    return { ingress: false, egress: false };
  return {
    ingress: policies.some(({ isolatesIngress }) => isolatesIngress),
    egress: policies.some(({ isolatesEgress }) => isolatesEgress),
  };
}

/** @param facts what arrows can't show */
export function workloadBox(
  model: Model,
  workload: Workload,
  isolation: WorkloadBox['isolation'],
  facts: readonly string[],
): WorkloadBox {
  const { kind, name, namespace, role, replicas, containers, runningContainers } = workload;
  const spread = spreadOf(workload);
  const server = knownServerOf(workload);
  const [image] = runningContainers
    .filter(({ phase }) => phase === 'main')
    .map((container) => container.image);
  return {
    type: 'workload',
    id: workloadId(workload),
    name,
    namespace,
    kind: role ? `${kind}, ${role}` : kind,
    server: server && (server.kind === 'vector database' ? 'database' : server.kind),
    pods: {
      min: replicas.guaranteed,
      max: Number.isFinite(replicas.possible) ? replicas.possible : null,
    },
    request: requestOf(workload),
    ...spread,
    isolation,
    chips: [
      ...new Set([
        ...workload.autoscalers.map(autoscalerText),
        ...model.budgetsOf(workload).flatMap((budget) => {
          const allowance = allowanceOf(budget);
          return allowance ? [`drain −${allowance.evictions(replicas.guaranteed)}`] : [];
        }),
      ]),
    ],
    facts: [
      ...(image?.text ? [shortImage(image.text)] : []),
      ...disksOf(workload),
      ...(containers.some(({ phase }) => phase === 'sidecar') ? ['with sidecars'] : []),
      ...facts,
    ],
  };
}

function requestOf(workload: Workload): string {
  const { cpu, memory } = podDemand(workload);
  const devices = workload.containers.flatMap((container) =>
    devicesOf(container).map((text) => text.replace(/ × .*\//, ' × ').replace(/gpu/i, 'GPU')),
  );
  const parts = [
    cpu > 0 ? `${short(cpu)} CPU` : undefined,
    memory > 0 ? binary(memory) : undefined,
    ...new Set(devices),
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? `${parts.join(' · ')} a pod` : 'requests nothing';
}

function disksOf({ volumes }: Workload): string[] {
  return volumes.flatMap(({ claim }) =>
    claim?.perPod
      ? [`a disk${claim.size === undefined ? '' : ` of ${binary(claim.size)}`} for each pod`]
      : [],
  );
}

function autoscalerText({ object, metrics }: Autoscaler): string {
  const signals = metrics.flatMap(({ item }) => {
    const name = textAt(item, 'resource', 'name') ?? textAt(item, 'containerResource', 'name');
    const target = objectAt(item, name && item.resource ? 'resource' : 'containerResource', 'target');
    const percent = target.averageUtilization;
    if (name !== undefined) return [typeof percent === 'number' ? `${name} ${percent} %` : name];
    return [textAt(item, 'type')?.toLowerCase() ?? 'metric'];
  });
  const kind = object.kind === 'ScaledObject' ? 'KEDA' : 'HPA';
  return signals.length > 0 ? `${kind} ${[...new Set(signals)].slice(0, 2).join(', ')}` : kind;
}

/** The last part of the repository with tag; a digest says nothing to the eye. */
function shortImage(text: string): string {
  const [name = ''] = text.split('@');
  return name.slice(name.lastIndexOf('/') + 1);
}
