import { valueAt } from '../../json';
import { type Model, replicatedWorkloads } from '../../model';
import type { Rule } from '../../rule';

/** Replicas that a drain may take all at once. */
export const budgetMissing: Rule = {
  id: 'disruption/budget-missing',
  severity: 'warning',
  description:
    'A workload of two or more replicas without a PodDisruptionBudget: a drain may take all of them at once.',
  *check(model: Model) {
    for (const workload of replicatedWorkloads(model)) {
      if (model.budgetsOf(workload).length > 0) continue;
      const { object, namespace, replicas } = workload;
      yield {
        object,
        path: valueAt(object.manifest, 'spec', 'replicas') === undefined ? 'spec' : 'spec.replicas',
        message: `No PodDisruptionBudget of namespace ${namespace} selects the pods of ${workload.label}: a drain or an upgrade of nodes may take all ${replicas.guaranteed} of them at once.`,
        fix: 'Add a PodDisruptionBudget with maxUnavailable: 1 and the selector of these pods.',
      };
    }
  },
};
