import { isSetAtRunTime } from '../known/run-time-labels';
import { mapSelector, type Requirement, type Selector, selects } from './selector';
import type { Workload } from './workload';

/**
 * Finds the workloads whose pods a selector selects without trying each: by namespace and by the rarest label that
 * the selector asks for, so that many selectors over many workloads stay linear.
 */
export class PodIndex {
  private readonly byNamespace = new Map<string, Workload[]>();
  private readonly byLabel = new Map<string, Workload[]>();

  constructor(workloads: Iterable<Workload>) {
    for (const workload of workloads) {
      add(this.byNamespace, workload.namespace, workload);
      for (const [key, value] of Object.entries(workload.podLabels)) {
        add(this.byLabel, labelKey(workload.namespace, key, value), workload);
      }
    }
  }

  /**
   * Workloads of a namespace whose pods the selector selects; an empty selector selects all. A label that pods get
   * only when they run is taken as there where the template does not say otherwise.
   */
  select(selector: Selector, namespace: string): readonly Workload[] {
    const atRunTime = selector.requirements.filter(({ key, values }) => isSetAtRunTime(key, values));
    if (atRunTime.length === 0) {
      return this.candidates(selector, namespace).filter(({ podLabels }) => selects(selector, podLabels));
    }
    const fixed = { requirements: selector.requirements.filter((one) => !atRunTime.includes(one)) };
    return this.candidates(fixed, namespace).filter(
      (workload) =>
        selects(fixed, workload.podLabels) && atRunTime.every((requirement) => mayGet(workload, requirement)),
    );
  }

  /** The same for a plain map of labels. */
  selectLabels(labels: Readonly<Record<string, string>>, namespace: string): readonly Workload[] {
    return this.select(mapSelector(labels), namespace);
  }

  private candidates(selector: Selector, namespace: string): readonly Workload[] {
    let best = this.byNamespace.get(namespace) ?? [];
    for (const { key, operator, values } of selector.requirements) {
      if (operator !== 'In') continue;
      const lists = values.map((value) => this.byLabel.get(labelKey(namespace, key, value)) ?? []);
      const total = lists.reduce((sum, list) => sum + list.length, 0);
      if (total < best.length) best = lists.length === 1 ? (lists[0] ?? []) : [...new Set(lists.flat())];
    }
    return best;
  }
}

/** Whether a workload's pods may have a label that is set only when they run. */
function mayGet({ kind, name, podLabels }: Workload, requirement: Requirement): boolean {
  const { key, values } = requirement;
  if (selects({ requirements: [requirement] }, podLabels)) return true;
  if (Object.hasOwn(podLabels, key) || !isSetAtRunTime(key, values, kind)) return false;
  const isPodOf = (pod: string) => pod.startsWith(`${name}-`) && /^\d+$/.test(pod.slice(name.length + 1));
  return key !== 'statefulset.kubernetes.io/pod-name' || values.length === 0 || values.some(isPodOf);
}

function labelKey(namespace: string, key: string, value: string): string {
  return `${namespace}\0${key}\0${value}`;
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
