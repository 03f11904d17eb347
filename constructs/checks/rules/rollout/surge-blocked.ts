import { isPlaceholder } from '../../../contracts/placeholder';
import { objectAt, textAt, valueAt } from '../../json';
import { devicesOf, followsOtherPods, type Model, pinnedNode, podCount, type Workload } from '../../model';
import type { Rule } from '../../rule';

const MAX_UNAVAILABLE = ['spec', 'strategy', 'rollingUpdate', 'maxUnavailable'];
/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable */
const DEFAULT_MAX_UNAVAILABLE = '25%';

/** A rollout that waits for what it holds itself. */
export const surgeBlocked: Rule = {
  id: 'rollout/surge-blocked',
  severity: 'warning',
  description:
    'A Deployment that must start a new pod before it may stop an old one, while the old ones hold what the new one needs: the rollout hangs.',
  *check(model: Model) {
    for (const workload of model.workloads) {
      const unavailable = mustSurge(workload);
      const held = unavailable === undefined ? undefined : (heldClaim(workload) ?? heldDevices(workload));
      if (held === undefined) continue;
      const isWritten = valueAt(workload.object.manifest, ...MAX_UNAVAILABLE) !== undefined;
      yield {
        object: workload.object,
        path: isWritten ? MAX_UNAVAILABLE.join('.') : 'spec.strategy',
        message: `${unavailable}: a new pod of ${workload.label} must be ready before an old one may stop, but the old ones hold ${held}.`,
        fix: 'Write strategy.type: Recreate, or a rollingUpdate with maxUnavailable: 1 and maxSurge: 0.',
      };
    }
  },
};

/** Why a Deployment's rollout may stop no pod before it has started one. @returns undefined where it may */
function mustSurge({ kind, object: { group, manifest }, replicas }: Workload): string | undefined {
  if (kind !== 'Deployment' || group !== 'apps' || !replicas.isKnown || replicas.possible === 0)
    return undefined;
  const strategy = objectAt(manifest, 'spec', 'strategy');
  const type = textAt(strategy, 'type') ?? 'RollingUpdate';
  if (type !== 'RollingUpdate') return undefined;
  const pods = Math.max(1, replicas.guaranteed);
  const value = valueAt(manifest, ...MAX_UNAVAILABLE) ?? DEFAULT_MAX_UNAVAILABLE;
  const surge = valueAt(strategy, 'rollingUpdate', 'maxSurge') ?? '25%';
  // Kubernetes rounds maxUnavailable down and maxSurge up, and takes one pod where both come to none.
  if (podCount(value, Math.floor)?.(pods) !== 0) return undefined;
  if (isPlaceholder(surge) || podCount(surge, Math.ceil)?.(pods) === 0) return undefined;
  return value === 0 || value === '0'
    ? 'maxUnavailable is 0'
    : `maxUnavailable: ${String(value)} of ${pods} replica${pods === 1 ? '' : 's'} comes to 0`;
}

/** A claim that pods on another node cannot mount. */
function heldClaim({ volumes, podSpec }: Workload): string | undefined {
  const isOnOneNode = pinnedNode(podSpec) !== undefined || followsOtherPods(podSpec);
  for (const { claim } of volumes) {
    if (!claim || claim.perPod || claim.allowsSharing || claim.accessModes.length === 0) continue;
    if (claim.accessModes.some(isPlaceholder)) continue;
    // A network file system is mounted wherever it is asked for, whatever its claim says; one pod alone is enforced.
    const isAnywhere = isOnOneNode || claim.storage?.sharing === 'shared';
    if (isAnywhere && !claim.accessModes.includes('ReadWriteOncePod')) continue;
    return `the ${claim.accessModes.join(', ')} claim ${claim.name}`;
  }
  return undefined;
}

/** GPUs and the like, of which a cluster seldom has some to spare. */
function heldDevices({ containers }: Workload): string | undefined {
  const [devices] = containers.flatMap(devicesOf);
  return devices === undefined ? undefined : `${devices} each`;
}
