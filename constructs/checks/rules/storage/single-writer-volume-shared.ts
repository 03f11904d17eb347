import { isPlaceholder } from '../../../contracts/placeholder';
import { pathTo } from '../../json';
import { followsOtherPods, type Model, pinnedNode, type Workload } from '../../model';
import type { Rule } from '../../rule';

/** A claim that one node can mount, wanted by pods that may land on several. */
export const singleWriterVolumeShared: Rule = {
  id: 'storage/single-writer-volume-shared',
  severity: 'error',
  description:
    'A ReadWriteOnce claim that several pods mount: those on another node than the first never start.',
  *check(model: Model) {
    for (const claim of model.claims()) {
      if (claim.perPod || claim.allowsSharing || claim.accessModes.length === 0) continue;
      if (claim.accessModes.some(isPlaceholder)) continue;
      const workloads = distinct(model.mountsOf(claim).map(({ workload }) => workload));
      const mounting = workloads.filter(({ replicas }) => replicas.possible > 0);
      const scaled = mounting.find(({ replicas }) => replicas.possible > 1);
      if (!scaled && mounting.length < 2) continue;
      if (!claim.accessModes.includes('ReadWriteOncePod') && landOnOneNode(mounting)) continue;
      const who = scaled
        ? `${scaled.label}, which can have ${scaled.replicas.text}`
        : mounting.map(({ label }) => label).join(' and ');
      yield {
        object: claim.object,
        path: pathTo(claim.path, 'accessModes'),
        message: `This ${claim.accessModes.join(', ')} claim is mounted by ${who}; a pod on another node than the first never starts.`,
        fix: scaled
          ? 'Use ReadWriteMany on a class of a network file system, or a StatefulSet with volumeClaimTemplates if each pod may have a volume of its own.'
          : 'Use ReadWriteMany on a class of a network file system, or let one workload own the volume.',
      };
    }
  },
};

/** One object that stands twice in the input is still one. */
function distinct(workloads: readonly Workload[]): Workload[] {
  return [...new Map(workloads.map((workload) => [workload.label, workload])).values()];
}

/** ReadWriteOnce is for one node: pods that are made to run on the same one may share it. */
function landOnOneNode(workloads: readonly Workload[]): boolean {
  const nodes = new Set(workloads.map(({ podSpec }) => pinnedNode(podSpec)));
  if (nodes.size === 1 && !nodes.has(undefined)) return true;
  const free = workloads.filter(({ podSpec }) => !followsOtherPods(podSpec));
  return free.length === 0 || (free.length === 1 && free[0]?.replicas.possible === 1);
}
