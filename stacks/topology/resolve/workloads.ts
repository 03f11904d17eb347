import type { Profile } from '../profiles';
import type { SizedWorkload, WorkloadSettings } from '../settings';
import type { InferenceTopology, SystemTopology } from '../topology';
import { type Defaults, decoding, resolveResources, SPEAKING } from './resources';

type Replicas = InferenceTopology['replicas'];
export interface Range {
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
  asked: Asked,
  range: Range,
  defaults: Defaults,
  loadsModels: boolean,
): WorkloadSettings {
  return { ...sizedWorkload(topology, asked, range, defaults), role, loadsModels };
}

/** What a topology may say of one workload. */
type Asked = Pick<InferenceTopology, 'replicas' | 'resources' | 'autoscaling'>;

/** One workload with its defaults filled in. */
export function sizedWorkload(
  { disruption }: Pick<SystemTopology, 'disruption'>,
  { replicas: asked, resources, autoscaling }: Asked,
  range: Range,
  defaults: Defaults,
): Omit<SizedWorkload, 'role'> {
  const replicas = resolveReplicas(asked, range);
  return {
    replicas,
    resources: resolveResources(resources, defaults),
    autoscaling: replicas.max > replicas.min ? autoscaling : undefined,
    disruption: replicas.min > 1 ? resolveDisruption(disruption) : undefined,
  };
}

/** The profile's range, moved where one end was set beyond the other's default. */
export function resolveReplicas(asked: Replicas, range: Range): Range {
  if (typeof asked === 'number') return { min: asked, max: asked };
  const min = asked?.min ?? Math.min(range.min, asked?.max ?? range.min);
  return { min, max: asked?.max ?? Math.max(range.max, min) };
}

function resolveDisruption({ maxUnavailable, minAvailable }: SystemTopology['disruption']) {
  return minAvailable !== undefined ? { minAvailable } : { maxUnavailable: maxUnavailable ?? 1 };
}
