import { objectAt, objectsAt, textAt } from '../checks/json';
import type { JsonObject } from '../checks/kubernetes-object';
import { labelSelector, selects, type Workload } from '../checks/model';

/** How firmly replicas are kept apart: by a rule, by a wish, or by nothing. */
export type Firmness = 'required' | 'preferred' | 'none';

/** How replicas are kept apart. */
export interface Spread {
  readonly nodes: Firmness;
  readonly zones: Firmness;
  /** Whether no two of them may share a node. */
  readonly oneANode: boolean;
}

/** Reads anti-affinity and topology spread constraints that are about the workload's own pods. */
export function spreadOf(workload: Workload): Spread {
  const spread = { nodes: 'none' as Firmness, zones: 'none' as Firmness, oneANode: false };
  for (const { term, firmness, excludes } of termsOf(workload.podSpec)) {
    const key = textAt(term, 'topologyKey') ?? '';
    const domain = /hostname$/.test(key) ? 'nodes' : /zone$/.test(key) ? 'zones' : undefined;
    if (!domain || !selects(labelSelector(term.labelSelector), workload.podLabels)) continue;
    if (spread[domain] !== 'required') spread[domain] = firmness;
    if (excludes && domain === 'nodes') spread.oneANode = true;
  }
  return spread;
}

interface Term {
  readonly term: JsonObject;
  readonly firmness: 'required' | 'preferred';
  /** A second pod is never let in, where a constraint only keeps the numbers even. */
  readonly excludes: boolean;
}

function termsOf(podSpec: JsonObject): Term[] {
  const antiAffinity = ['affinity', 'podAntiAffinity'];
  const required = [...antiAffinity, 'requiredDuringSchedulingIgnoredDuringExecution'];
  const preferred = [...antiAffinity, 'preferredDuringSchedulingIgnoredDuringExecution'];
  return [
    ...objectsAt(podSpec, 'topologySpreadConstraints').map(({ item: term }): Term => {
      const isWish = textAt(term, 'whenUnsatisfiable') === 'ScheduleAnyway';
      return { term, firmness: isWish ? 'preferred' : 'required', excludes: false };
    }),
    ...objectsAt(podSpec, ...required).map(
      ({ item: term }): Term => ({ term, firmness: 'required', excludes: true }),
    ),
    ...objectsAt(podSpec, ...preferred).map(
      ({ item }): Term => ({
        term: objectAt(item, 'podAffinityTerm'),
        firmness: 'preferred',
        excludes: false,
      }),
    ),
  ];
}
