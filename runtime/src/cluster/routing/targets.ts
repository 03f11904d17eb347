import type { Backend } from '../backends/backend.js';
import type { Member, Members } from '../members.js';
import type { Target } from './target.js';

/** Prefix of backends' ids among targets, so that no backend is taken for a node. */
const BACKEND = 'backend/';

/** Who takes new work for a model: healthy members where it is ready and enabled, and backends that are well. */
export function targetsOf(members: Members, backends: readonly Backend[], model: string): Target[] {
  const nodes = members.all.flatMap((member) => toTarget(member, members.self, model) ?? []);
  return [
    ...nodes,
    ...backends.filter(({ up, models }) => up && models.includes(model)).map(toBackendTarget),
  ];
}

export function backendOf(backends: readonly Backend[], { id }: Target): Backend | undefined {
  return backends.find(({ name }) => id === BACKEND + name);
}

function toTarget(member: Member, self: string, id: string): Target | undefined {
  const model = member.models.find((each) => each.id === id);
  if (member.status !== 'healthy' || model?.state !== 'ready' || !model.enabled) return undefined;
  const weight = member.weight * model.weight;
  const kind = member.id === self ? 'self' : 'peer';
  if (weight <= 0 || (kind === 'peer' && member.peerUrl === undefined)) return undefined;
  const { running, queued, sequences } = model.load ?? member.load;
  return {
    id: member.id,
    kind,
    url: member.peerUrl ?? '',
    weight,
    load: running + queued,
    sequences,
    ...(member.zone !== undefined && { zone: member.zone }),
  };
}

/** What others send it is not known: its load is what this node has sent. */
function toBackendTarget({ name, config }: Backend): Target {
  const { url, weight, sequences } = config;
  return { id: BACKEND + name, kind: 'backend', url, weight, load: 0, sequences };
}
