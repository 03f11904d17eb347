import type { KubernetesObject } from '../../kubernetes-object';
import { allowanceOf, type Budget, coveredPods, type Model, selects } from '../../model';
import type { Finding, Rule } from '../../rule';

/** Enough pods that any whole share of them is one. */
const MANY = 1_000_000;

/** A budget that no drain gets past. */
export const budgetBlocksDrain: Rule = {
  id: 'disruption/budget-blocks-drain',
  severity: 'error',
  description:
    'A PodDisruptionBudget that can never allow an eviction at the minimum of replicas: drains and node upgrades hang.',
  *check(model: Model) {
    for (const budget of model.budgets) {
      const found = blocked(budget) ?? second(model, budget);
      if (found) yield found;
    }
  },
};

function blocked(budget: Budget): Finding | undefined {
  const allowance = allowanceOf(budget);
  if (!allowance) return undefined;
  const { object, workloads } = budget;
  const { path, text, evictions } = allowance;
  const labels = [...new Set(workloads.map(({ label }) => label))].join(', ');
  const pods = coveredPods(budget);
  const least = pods && workloads.length > 0 ? pods.least : undefined;
  if (least === 0) return undefined; // scaled to nothing
  const isAlways = evictions(MANY) === 0;
  // Drains leave the pods of a DaemonSet where they are.
  if (workloads.length > 0 && workloads.every(({ kind }) => kind === 'DaemonSet')) return undefined;
  if (!isAlways && (least === undefined || evictions(least) > 0)) return undefined;
  const message = isAlways
    ? `${text} allows no eviction at any number of pods: every drain of a node with one of them hangs.`
    : `${text} allows no eviction at the ${least} pod${least === 1 ? '' : 's'} that ${labels} may come down to: every drain of a node with one of them hangs.`;
  return {
    object,
    path,
    message,
    fix:
      least === 1
        ? 'Run two replicas or more and write maxUnavailable: 1, or remove the budget of a single replica.'
        : 'Write maxUnavailable: 1.',
  };
}

/** Of a pod that two budgets select, the API server refuses every eviction. */
function second(model: Model, budget: Budget): Finding | undefined {
  for (const workload of budget.workloads) {
    const [first] = model.budgetsOf(workload).filter(({ selector }) => selects(selector, workload.podLabels));
    if (!first || isSame(first.object, budget.object) || !selects(budget.selector, workload.podLabels))
      continue;
    return {
      object: budget.object,
      path: budget.selectorPath,
      message: `PodDisruptionBudget/${first.object.name} selects the pods of ${workload.label}, too, and Kubernetes refuses every eviction of a pod that two budgets select.`,
      fix: 'Let one budget select these pods.',
    };
  }
  return undefined;
}

function isSame(one: KubernetesObject, other: KubernetesObject): boolean {
  return one.name === other.name && one.namespace === other.namespace;
}
