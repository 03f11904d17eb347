import { isPlaceholder } from '../../../contracts/placeholder';
import { listAt, objectsAt, textAt, valueAt } from '../../json';
import type { KubernetesObject } from '../../kubernetes-object';
import { type Model, mapSelector, type Selector, selectorText, selects, type Workload } from '../../model';
import type { Finding, Rule } from '../../rule';

interface Selecting {
  readonly object: KubernetesObject;
  readonly selector: Selector;
  readonly path: string;
  readonly workloads: readonly Workload[];
}

const CONSEQUENCE: Readonly<Record<string, string>> = {
  Service: 'it has no endpoints, and every connection to it fails',
  PodDisruptionBudget: 'it protects nothing',
  NetworkPolicy: 'it isolates nothing and opens nothing',
};

/** Services, budgets and policies that are for no pod. */
export const selectorMatchesNothing: Rule = {
  id: 'network/selector-matches-nothing',
  severity: 'error',
  description: 'A Service, PodDisruptionBudget or NetworkPolicy whose selector matches no pod of the input.',
  *check(model: Model) {
    const pods = new Pods(model);
    for (const selecting of selectors(model)) {
      if (selecting.workloads.length > 0) continue;
      const found = judge(model, pods, selecting);
      if (found) yield found;
    }
  },
};

function* selectors(model: Model): Generator<Selecting> {
  for (const { object, selector, workloads } of model.services) {
    if (selector) yield { object, selector: mapSelector(selector), path: 'spec.selector', workloads };
  }
  for (const { object, selector, selectorPath: path, workloads } of [
    ...model.budgets,
    ...model.networkPolicies,
  ]) {
    yield { object, selector, path, workloads };
  }
}

function judge(model: Model, pods: Pods, { object, selector, path }: Selecting): Finding | undefined {
  const { namespace, kind } = object;
  const { requirements } = selector;
  if (requirements.some(({ key, values }) => isPlaceholder(key) || values.some(isPlaceholder)))
    return undefined;
  if (model.controllerMayMake(selector, namespace) || pods.ofHooks(selector, namespace)) return undefined;
  // Programs that make pods when they run (notebooks, sandboxes, tasks) bring policies and budgets for them.
  if (kind !== 'Service' && pods.madeAtRunTime.has(namespace)) return undefined;
  // The cluster's own pods live there, and no input holds them.
  if (namespace === 'kube-system') return undefined;
  const elsewhere = pods.elsewhere(selector, namespace);
  // A namespace without any pod in the input has its pods from elsewhere.
  if (!elsewhere && !pods.inhabited.has(namespace)) return undefined;
  // An empty selector selects all there are; only a budget without any selects none.
  const selectsNone =
    kind === 'PodDisruptionBudget' && valueAt(object.manifest, 'spec', 'selector') === undefined;
  if (requirements.length === 0 && !selectsNone) return undefined;
  const nearest = elsewhere ?? pods.nearest(selector, namespace);
  const hint = elsewhere
    ? `; those of ${elsewhere.label} are in namespace ${elsewhere.namespace}`
    : nearest
      ? `; those of ${nearest.label} have ${labelsLike(selector, nearest)}`
      : '';
  return {
    object,
    path,
    message: `${selectsNone ? 'Without a selector, this budget selects no pod' : `No pod in namespace ${namespace} has ${selectorText(selector)}`}${hint}: ${CONSEQUENCE[kind] ?? 'it is for nothing'}.`,
    fix: elsewhere
      ? `Put this ${kind} into namespace ${elsewhere.namespace}, where its pods are.`
      : 'Write the labels that the pod template has, or remove the object if its pods are gone.',
  };
}

/** What a workload's pods have where the selector asks for something. */
function labelsLike({ requirements }: Selector, { podLabels }: Workload): string {
  const own = requirements.map(({ key }) =>
    podLabels[key] === undefined ? `no ${key}` : `${key}=${podLabels[key]}`,
  );
  return [...new Set(own)].join(', ');
}

/** The pods of the input, by what a selector that misses may have meant. */
class Pods {
  /** Namespaces that have pods in the input, those of hooks aside. */
  readonly inhabited: ReadonlySet<string>;
  /** Namespaces in which something may make pods by itself. */
  readonly madeAtRunTime: ReadonlySet<string>;
  private readonly hooks: readonly Workload[];
  private readonly byLabel = new Map<string, Workload[]>();
  private readonly byKey = new Map<string, Workload>();

  constructor(model: Model) {
    this.inhabited = new Set(model.workloads.map(({ namespace }) => namespace));
    this.madeAtRunTime = namespacesOfPodMakers(model);
    this.hooks = model.allWorkloads.filter(({ isHook }) => isHook);
    for (const workload of model.workloads) {
      for (const [key, value] of Object.entries(workload.podLabels)) {
        const known = this.byLabel.get(`${key}=${value}`);
        if (!known) this.byLabel.set(`${key}=${value}`, [workload]);
        else if (known.length < CANDIDATES) known.push(workload);
        const ofKey = `${workload.namespace}/${key}`;
        if (!this.byKey.has(ofKey)) this.byKey.set(ofKey, workload);
      }
    }
  }

  ofHooks(selector: Selector, namespace: string): boolean {
    return this.hooks.some((hook) => hook.namespace === namespace && selects(selector, hook.podLabels));
  }

  elsewhere(selector: Selector, namespace: string): Workload | undefined {
    return this.withLabels(selector).find(
      (workload) => workload.namespace !== namespace && selects(selector, workload.podLabels),
    );
  }

  nearest(selector: Selector, namespace: string): Workload | undefined {
    const sharesLabel = this.withLabels(selector).find((workload) => workload.namespace === namespace);
    if (sharesLabel) return sharesLabel;
    const keys = selector.requirements.map(({ key }) => this.byKey.get(`${namespace}/${key}`));
    return keys.find((workload) => workload !== undefined);
  }

  private withLabels({ requirements }: Selector): Workload[] {
    return requirements.flatMap(({ key, values }) =>
      values.flatMap((value) => this.byLabel.get(`${key}=${value}`) ?? []),
    );
  }
}

/** Namespaces of service accounts that may create pods. */
function namespacesOfPodMakers(model: Model): Set<string> {
  const roles = new Set<string>();
  for (const role of [...model.ofKind('Role'), ...model.ofKind('ClusterRole')]) {
    const makesPods = objectsAt(role.manifest, 'rules').some(
      ({ item }) => listAt(item, 'resources').includes('pods') && listAt(item, 'verbs').includes('create'),
    );
    if (makesPods) roles.add(`${role.kind}/${role.namespace}/${role.name}`);
  }
  const namespaces = new Set<string>();
  for (const binding of [...model.ofKind('RoleBinding'), ...model.ofKind('ClusterRoleBinding')]) {
    const kind = textAt(binding.manifest, 'roleRef', 'kind') ?? 'ClusterRole';
    const role = `${kind}/${kind === 'Role' ? binding.namespace : ''}/${textAt(binding.manifest, 'roleRef', 'name')}`;
    if (!roles.has(role)) continue;
    for (const { item } of objectsAt(binding.manifest, 'subjects')) {
      namespaces.add(textAt(item, 'namespace') ?? binding.namespace);
    }
  }
  return namespaces;
}

/** Workloads remembered for each label: enough for a hint, few enough to stay linear. */
const CANDIDATES = 20;
