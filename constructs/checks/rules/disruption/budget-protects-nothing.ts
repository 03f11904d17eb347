import { allowanceOf, coveredPods, type Model } from '../../model';
import type { Rule } from '../../rule';

const MANY = 1_000_000;

/** A budget that lets everything go. */
export const budgetProtectsNothing: Rule = {
  id: 'disruption/budget-protects-nothing',
  severity: 'warning',
  description: 'A PodDisruptionBudget that allows every eviction at once.',
  *check(model: Model) {
    for (const budget of model.budgets) {
      const allowance = allowanceOf(budget);
      if (!allowance) continue;
      const { path, text, evictions } = allowance;
      const isAlways = evictions(MANY) === MANY;
      const pods = coveredPods(budget)?.most ?? 0;
      // Of a single pod there is nothing to keep: a budget that lets it go is as it should be.
      if (!isAlways && !(pods >= 2 && pods < MANY && evictions(pods) === pods)) continue;
      yield {
        object: budget.object,
        path,
        message: isAlways
          ? `${text} allows the eviction of all pods at once: the budget protects nothing.`
          : `${text} allows the eviction of all ${pods} pods at once: the budget protects nothing.`,
        fix: 'Write maxUnavailable: 1.',
      };
    }
  },
};
