import { isPlaceholder } from '../../../contracts/placeholder';
import { numberAt, pathTo } from '../../json';
import { DEFAULT_GRACE_SECONDS } from '../../known/shutdown';
import { type Model, slowestShutdown } from '../../model';
import type { Rule } from '../../rule';

/** A pod that is killed before it has drained. */
export const graceShorterThanDrain: Rule = {
  id: 'rollout/grace-shorter-than-drain',
  severity: 'error',
  description:
    'A terminationGracePeriodSeconds shorter than preStop plus drain: the pod is killed with requests still running.',
  *check(model: Model) {
    for (const workload of model.workloads) {
      const { podSpec, podPath, object } = workload;
      if (isPlaceholder(podSpec.terminationGracePeriodSeconds)) continue;
      const written = numberAt(podSpec, 'terminationGracePeriodSeconds');
      const grace = written ?? DEFAULT_GRACE_SECONDS;
      const slowest = slowestShutdown(workload);
      if (!slowest) continue;
      const { container, preStopSeconds, drainSeconds, drainSource } = slowest;
      const needed = preStopSeconds + drainSeconds;
      if (grace >= needed) continue;
      const parts = [
        ...(preStopSeconds > 0 ? [`preStop takes ${preStopSeconds} s`] : []),
        ...(drainSeconds > 0 ? [`${drainSource} gives it ${drainSeconds} s to drain`] : []),
      ];
      yield {
        object,
        path: pathTo(podPath, 'terminationGracePeriodSeconds'),
        message: `Container ${container.name} is killed after ${grace} s${written === undefined ? ', the default' : ''}, but ${parts.join(' and ')}: requests that run are cut off.`,
        fix: `Write terminationGracePeriodSeconds: ${Math.ceil(needed) + 15}, which is preStop plus drain and some room.`,
      };
    }
  },
};
