import { isPlaceholder } from '../../../contracts/placeholder';
import { objectAt, objectsAt, pathTo, textAt, valueAt } from '../../json';
import { isSetAtRunTime } from '../../known/run-time-labels';
import type { JsonObject } from '../../kubernetes-object';
import {
  labelSelector,
  type Model,
  replicatedWorkloads,
  type Selector,
  selectorText,
  selects,
  type Workload,
} from '../../model';
import type { Rule } from '../../rule';

/** Replicas that one node may take down together. */
export const noSpread: Rule = {
  id: 'disruption/no-spread',
  severity: 'warning',
  description:
    'Two or more replicas that may all land on one node or zone: nothing spreads them, so one failure takes all.',
  *check(model: Model) {
    for (const workload of replicatedWorkloads(model)) {
      if (takesItsNode(workload)) continue;
      const terms = [...spreadTerms(workload)];
      const faults = terms.flatMap((term) => faultOf(term, workload) ?? []);
      if (faults.length < terms.length) continue;
      const [fault] = faults;
      yield {
        object: workload.object,
        path: fault?.path ?? pathTo(workload.podPath, 'topologySpreadConstraints'),
        message: `All ${workload.replicas.guaranteed} pods of ${workload.label} may land on one node and be lost with it: ${fault?.text ?? 'no anti-affinity or topology spread constraint keeps them apart'}.`,
        fix: 'Write a topologySpreadConstraint over kubernetes.io/hostname or topology.kubernetes.io/zone that selects the labels of these pods.',
      };
    }
  },
};

/** Labels of nodes whose values divide a cluster into parts that fail each by itself. */
const TOPOLOGY = /(?:^|[/.-])(?:hostname|host|node|nodename|zone|region|rack|datacenter|fault-domain)$/i;

interface Term {
  readonly term: JsonObject;
  readonly path: string;
}

/** Every anti-affinity and constraint of a pod, soft or hard. */
function* spreadTerms({ podSpec, podPath }: Workload): Generator<Term> {
  const antiAffinity = ['affinity', 'podAntiAffinity'];
  for (const steps of [
    ['topologySpreadConstraints'],
    [...antiAffinity, 'requiredDuringSchedulingIgnoredDuringExecution'],
  ]) {
    for (const { item, index } of objectsAt(podSpec, ...steps))
      yield { term: item, path: pathTo(podPath, ...steps, index) };
  }
  const soft = [...antiAffinity, 'preferredDuringSchedulingIgnoredDuringExecution'];
  for (const { item, index } of objectsAt(podSpec, ...soft))
    yield {
      term: objectAt(item, 'podAffinityTerm'),
      path: pathTo(podPath, ...soft, index, 'podAffinityTerm'),
    };
}

/** Why a term does not keep these pods apart. */
function faultOf({ term, path }: Term, workload: Workload): { path: string; text: string } | undefined {
  const key = textAt(term, 'topologyKey') ?? '';
  if (!TOPOLOGY.test(key) && !isPlaceholder(key) && !key.includes('{{')) {
    const text = key === '' ? 'the topologyKey is missing' : `${key} tells neither nodes nor zones apart`;
    return { path: pathTo(path, 'topologyKey'), text };
  }
  if (typeof term.labelSelector !== 'object' || term.labelSelector === null) {
    return { path: pathTo(path, 'labelSelector'), text: 'without a labelSelector it counts no pods' };
  }
  const selector = labelSelector(term.labelSelector);
  if (!selectsThese(selector, workload)) {
    const text = `the selector ${selectorText(selector)} selects none of them`;
    return { path: pathTo(path, 'labelSelector'), text };
  }
  const namespaces = valueAt(term, 'namespaces');
  const isElsewhere =
    Array.isArray(namespaces) && namespaces.length > 0 && !namespaces.includes(workload.namespace);
  return isElsewhere && valueAt(term, 'namespaceSelector') === undefined
    ? {
        path: pathTo(path, 'namespaces'),
        text: `the term looks at other namespaces than ${workload.namespace}`,
      }
    : undefined;
}

function selectsThese({ requirements }: Selector, { kind, podLabels }: Workload): boolean {
  const fixed = requirements.filter(({ key, values }) => !isSetAtRunTime(key, values, kind));
  return selects({ requirements: fixed }, podLabels);
}

/** A port of the node can be had by one pod only: two of them never share a node. */
function takesItsNode({ podSpec, runningContainers }: Workload): boolean {
  return runningContainers.some(({ spec, ports }) =>
    podSpec.hostNetwork === true
      ? ports.length > 0
      : objectsAt(spec, 'ports').some(({ item }) => typeof item.hostPort === 'number' && item.hostPort > 0),
  );
}
