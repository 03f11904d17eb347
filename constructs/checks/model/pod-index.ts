import { mapSelector, type Selector, selects } from './selector';
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

  /** Workloads of a namespace whose pods the selector selects; an empty selector selects all. */
  select(selector: Selector, namespace: string): readonly Workload[] {
    return this.candidates(selector, namespace).filter((workload) => selects(selector, workload.podLabels));
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

function labelKey(namespace: string, key: string, value: string): string {
  return `${namespace}\0${key}\0${value}`;
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
