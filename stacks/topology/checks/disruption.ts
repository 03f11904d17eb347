import { problem, REPLICAS, type SystemCheck } from './check';

/** Pods that a count or a percentage comes to; the disruption controller rounds percentages up. */
function podsOf(value: number | string, replicas: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) / 100) * replicas);
}

/** A budget that blocks every drain, or that protects nothing. */
export const disruptionBudget: SystemCheck = {
  reads: ['disruption', ...REPLICAS],
  *check({ workloads }, { disruption: { maxUnavailable, minAvailable } }) {
    if (maxUnavailable !== undefined && minAvailable !== undefined) {
      const reason = 'stands beside maxUnavailable; a budget has one of the two';
      yield problem('disruption.minAvailable', minAvailable, reason, 'take it out');
      return;
    }
    for (const { role, replicas } of workloads) {
      const pods = `${role === 'all' ? '' : `of the ${role} `}at ${replicas.min} pods`;
      if (replicas.min < 2) continue;
      if (maxUnavailable !== undefined) {
        const gone = podsOf(maxUnavailable, replicas.min);
        if (gone === 0) {
          yield problem(
            'disruption.maxUnavailable',
            maxUnavailable,
            'blocks every drain of a node',
            'write 1',
          );
          return;
        }
        if (gone >= replicas.min) {
          const reason = `protects nothing ${pods}: all may be evicted at once`;
          yield problem(
            'disruption.maxUnavailable',
            maxUnavailable,
            reason,
            `write at most ${replicas.min - 1}`,
          );
        }
      }
      if (minAvailable !== undefined) {
        const kept = podsOf(minAvailable, replicas.min);
        if (kept >= replicas.min) {
          const reason = `blocks every drain of a node ${pods}: none may be evicted`;
          yield problem(
            'disruption.minAvailable',
            minAvailable,
            reason,
            `write at most ${replicas.min - 1}, or maxUnavailable: 1 instead`,
          );
        }
        if (kept === 0) {
          yield problem(
            'disruption.minAvailable',
            minAvailable,
            'protects nothing',
            'write maxUnavailable: 1 instead',
          );
          return;
        }
      }
    }
  },
};
