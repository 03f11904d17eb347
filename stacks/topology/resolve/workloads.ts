import type { Profile } from '../profiles';
import type { WorkloadSettings } from '../settings';
import type { InferenceTopology } from '../topology';
import { decoding, resolveResources, SPEAKING } from './resources';

type Replicas = InferenceTopology['replicas'];
interface Range {
  readonly min: number;
  readonly max: number;
}

/** A gateway is light: two survive the loss of one, six feed more workers than a profile has. */
const GATEWAYS: Range = { min: 2, max: 6 };
/** One leads, one stands by. */
const CONTROLLERS: Range = { min: 2, max: 2 };

/** The workloads of a topology: one of role `all`, or three. */
export function resolveWorkloads(topology: InferenceTopology, profile: Profile): WorkloadSettings[] {
  const inside = topology.engine.name === 'llama.cpp';
  const loading = inside ? decoding(topology.models) : SPEAKING;
  if (topology.roles === 'all') {
    return [workload(topology, 'all', topology, profile.replicas, loading, true)];
  }
  const { gateway, worker, controller } = topology.roles;
  return [
    ...(gateway ? [workload(topology, 'gateway', gateway, GATEWAYS, SPEAKING, false)] : []),
    ...(worker ? [workload(topology, 'worker', worker, profile.replicas, loading, true)] : []),
    ...(controller ? [workload(topology, 'controller', controller, CONTROLLERS, SPEAKING, false)] : []),
  ];
}

function workload(
  topology: InferenceTopology,
  role: WorkloadSettings['role'],
  asked: Pick<InferenceTopology, 'replicas' | 'resources' | 'autoscaling'>,
  range: Range,
  defaults: Parameters<typeof resolveResources>[1],
  loadsModels: boolean,
): WorkloadSettings {
  const replicas = resolveReplicas(asked.replicas, range);
  return {
    role,
    replicas,
    resources: resolveResources(asked.resources, defaults),
    autoscaling: replicas.max > replicas.min ? asked.autoscaling : undefined,
    disruption: replicas.min > 1 ? resolveDisruption(topology.disruption) : undefined,
    loadsModels,
  };
}

/** The profile's range, moved where one end was set beyond the other's default. */
function resolveReplicas(asked: Replicas, range: Range): Range {
  if (typeof asked === 'number') return { min: asked, max: asked };
  const min = asked?.min ?? Math.min(range.min, asked?.max ?? range.min);
  return { min, max: asked?.max ?? Math.max(range.max, min) };
}

function resolveDisruption({ maxUnavailable, minAvailable }: InferenceTopology['disruption']) {
  return minAvailable !== undefined ? { minAvailable } : { maxUnavailable: maxUnavailable ?? 1 };
}
