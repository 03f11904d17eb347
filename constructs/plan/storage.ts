import type { Claim, Model } from '../checks/model';
import { standingWorkloads } from './workloads';

/** A claim of the input, or the claims that a workload makes for each of its pods. */
export interface StoragePlan {
  readonly name: string;
  readonly namespace: string;
  /** Class as written. @default null: the cluster's default */
  readonly className: string | null;
  /** Driver below it. @default null: not known */
  readonly provisioner: string | null;
  readonly accessModes: readonly string[];
  /** Bytes of each. @default null: not known */
  readonly bytes: number | null;
  /** How many at the minimum and the maximum of pods. */
  readonly count: { readonly min: number; readonly max: number | null };
  readonly mountedBy: readonly string[];
}

export function storagePlans(model: Model): StoragePlan[] {
  const standing = standingWorkloads(model);
  const shared = [...model.claims()]
    .filter(({ perPod }) => !perPod)
    .map((claim) => {
      const mountedBy = [...new Set(model.mountsOf(claim).map(({ workload }) => workload.label))];
      return planOf(claim, { min: 1, max: 1 }, mountedBy);
    });
  const perPod = standing.flatMap((workload) => {
    const { guaranteed: min, possible } = workload.replicas;
    const max = Number.isFinite(possible) ? possible : null;
    return workload.volumes.flatMap(({ name, claim }) =>
      claim?.perPod ? [planOf({ ...claim, name: claim.name || name }, { min, max }, [workload.label])] : [],
    );
  });
  return [...shared, ...perPod];
}

function planOf(claim: Claim, count: StoragePlan['count'], mountedBy: readonly string[]): StoragePlan {
  return {
    name: claim.name,
    namespace: claim.namespace,
    className: claim.className ?? null,
    provisioner: claim.storage?.provisioner ?? null,
    accessModes: claim.accessModes,
    bytes: claim.size ?? null,
    count,
    mountedBy,
  };
}
