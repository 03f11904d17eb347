import { listAt, objectsAt, pathTo, textAt } from '../../json';
import { isClusterTool, isNamedController } from '../../known/cluster-tools';
import type { JsonObject, KubernetesObject } from '../../kubernetes-object';
import { type Binding, type Model, Rights, type Workload } from '../../model';
import type { Finding, Rule } from '../../rule';

/** A binding, and what is known of whoever gets its role. */
interface Grant extends Binding {
  /** The workload that gets the rights, or the account where no workload of the input has it. */
  readonly who: string;
  /** A well-known program for whole clusters. */
  readonly isTool: boolean;
  /** A controller of the cluster, or of kinds that it brings along. */
  readonly isController: boolean;
  /** Why it needs no rights outside of its namespace. @default it is not known to need none */
  readonly needsLess: string | undefined;
}

/** Rights far beyond what a workload is there for: with its token, an intruder has the cluster. */
export const rbacTooWide: Rule = {
  id: 'security/rbac-too-wide',
  severity: 'error',
  description: 'Cluster-wide or wildcard rights for a workload that needs a namespace or nothing.',
  *check(model: Model) {
    const definedGroups = new Set(
      model.ofKind('CustomResourceDefinition').map(({ manifest }) => textAt(manifest, 'spec', 'group') ?? ''),
    );
    const reported = new Set<string>();
    for (const binding of new Rights(model).bindings) {
      if (binding.holders.length === 0 || isOfHooks(binding)) continue;
      for (const finding of findings(grant(binding, definedGroups))) {
        const { kind, namespace, name } = finding.object;
        const key = `${kind}/${namespace}/${name}/${finding.path}`;
        if (reported.has(key)) continue;
        reported.add(key);
        yield finding;
      }
    }
  },
};

/** Hooks run once, at an install or an upgrade. */
function isOfHooks({ object, workloads }: Binding): boolean {
  return (
    'helm.sh/hook' in object.annotations || (workloads.length > 0 && workloads.every(({ isHook }) => isHook))
  );
}

function grant(binding: Binding, definedGroups: ReadonlySet<string>): Grant {
  const { workloads, holders, role } = binding;
  const images = workloads.flatMap(({ runningContainers }) =>
    runningContainers.map(({ image }) => image.repository),
  );
  const names = [...workloads.map(({ name }) => name), ...images, ...holders];
  const isTool = images.some(isClusterTool);
  const ownsKinds =
    role !== undefined &&
    rulesOf(role).some(({ rule }) => texts(rule, 'apiGroups').some((group) => definedGroups.has(group)));
  const told = workloads.map(toldNamespace).find((found) => found !== undefined);
  const isNamed = names.some(isNamedController) && told?.isOther !== true;
  return {
    ...binding,
    who: workloads[0]?.label ?? holders[0] ?? '',
    isTool,
    isController: isTool || ownsKinds || isNamed,
    needsLess:
      told?.how ?? (askNothing(workloads) ? 'which never asks the Kubernetes API anything' : undefined),
  };
}

function* findings(given: Grant): Generator<Finding> {
  const { role, roleKind, roleName, isClusterWide, object, who, isTool, isController } = given;
  if (roleKind === 'ClusterRole' && roleName === 'cluster-admin') {
    yield {
      object,
      path: 'roleRef.name',
      message: `${who} may do everything ${isClusterWide ? 'in the whole cluster' : `in namespace ${object.namespace}`}: cluster-admin has no limits.`,
      fix: 'Bind a Role with the verbs and resources that it uses, in its own namespace.',
      severity: isTool ? 'warning' : 'error',
    };
  } else if (roleKind === 'ClusterRole' && isClusterWide && /^(?:admin|edit)$/.test(roleName)) {
    if (isController) return;
    yield {
      object,
      path: 'roleRef.name',
      message: `${who} may read all Secrets and change almost everything in all namespaces: that is what ${roleName} gives.`,
      fix: 'Bind it with a RoleBinding in the one namespace, or better a Role with what it uses.',
    };
  } else if (role) {
    for (const { rule, path } of rulesOf(role)) yield* wildcards(given, role, rule, path);
    if (isClusterWide && !isController) yield* inAllNamespaces(given, role);
  }
}

const FIELDS = ['apiGroups', 'resources', 'verbs', 'nonResourceURLs'];
/** API groups that are not Kubernetes' own. */
const OWN_GROUP = /^(?!.*\.k8s\.io$).+\./;
/** APIs whose resources are metrics, of which nobody knows the names. */
const METRICS_GROUP = /^(?:custom|external)\.metrics\.k8s\.io$/;

function* wildcards(
  given: Grant,
  role: KubernetesObject,
  rule: JsonObject,
  path: string,
): Generator<Finding> {
  const wild = FIELDS.filter((field) => texts(rule, field).some((item) => isWildcard(field, item)));
  const groups = texts(rule, 'apiGroups');
  if (groups.length > 0 && groups.every((group) => METRICS_GROUP.test(group))) return;
  // Where the program itself is not in the input, its own kinds are its affair.
  if (given.workloads.length === 0 && groups.length > 0 && groups.every((group) => OWN_GROUP.test(group)))
    return;
  // A list of URLs is no right over objects.
  if (wild.length === 0 || (wild.length === 1 && wild[0] === 'nonResourceURLs')) return;
  const isEverything =
    wild.includes('verbs') && (wild.includes('nonResourceURLs') || wild.includes('resources'));
  const isEveryGroup = groups.includes('*') || wild.includes('nonResourceURLs');
  if (given.isController && !(isEverything && isEveryGroup)) return;
  const rights = FIELDS.filter((field) => texts(rule, field).length > 0)
    .map((field) => `${field} ${texts(rule, field).join(', ')}`)
    .join('; ');
  const [only = ''] = wild;
  const where = given.isClusterWide ? 'in all namespaces' : `in namespace ${given.object.namespace}`;
  yield {
    object: role,
    path: wild.length === 1 ? pathTo(path, only) : path,
    message: `${given.who} gets rights by wildcard ${where} (${rights}): also those that nobody thought of.`,
    fix: 'List the API groups, resources and verbs that it uses.',
    severity: given.isTool ? 'warning' : 'error',
  };
}

/** `pods/*` is every way to a pod; but `/metrics/*` is a path with what lies below. */
function isWildcard(field: string, item: string): boolean {
  return item === '*' || (field === 'resources' && (item.startsWith('*/') || item.endsWith('/*')));
}

/** Resources without a namespace: whoever needs these needs a ClusterRole. */
const CLUSTER_SCOPED =
  /^(?:nodes|namespaces|persistentvolumes|storageclasses|volumeattachments|csinodes|csidrivers|customresourcedefinitions|apiservices|ingressclasses|gatewayclasses|priorityclasses|runtimeclasses|certificatesigningrequests|signers|(?:validating|mutating)webhookconfigurations|validatingadmissionpolic.*|podsecuritypolicies|securitycontextconstraints|cluster[a-z]+|deviceclasses|resourceslices|flowschemas|prioritylevelconfigurations|componentstatuses)(?:\/.*)?$/;
/** Who may write these may do everything. */
const RIGHTS = /^cluster(?:roles|rolebindings)$/;
/** Questions that are asked by creating an object, and notes that harm nobody. */
const HARMLESS = /(?:tokenreviews|accessreviews|rulesreviews|subjectreviews|^events)$/;
const READS = /^(?:get|list|watch)$/;
const WRITES = /^(?:create|update|patch|delete|deletecollection)$/;
const SHELLS = /^pods\/(?:exec|attach|portforward)$/;

/** A workload of one namespace that may act in all of them. */
function* inAllNamespaces(given: Grant, role: KubernetesObject): Generator<Finding> {
  const { who, needsLess, object } = given;
  if (needsLess === undefined) return;
  const through = `in all namespaces, through ClusterRoleBinding/${object.name}`;
  const fix = 'Make it a Role in its own namespace, bound by a RoleBinding.';
  const readable: string[] = [];
  for (const { rule, path } of rulesOf(role)) {
    const verbs = texts(rule, 'verbs');
    const resources = texts(rule, 'resources').filter(
      (resource) => !HARMLESS.test(resource) && (RIGHTS.test(resource) || !CLUSTER_SCOPED.test(resource)),
    );
    // What a wildcard gives is reported as such.
    if (resources.length === 0 || verbs.includes('*') || resources.includes('*')) continue;
    const secrets = resources.filter((resource) => resource === 'secrets' || SHELLS.test(resource));
    const mayWrite = verbs.some((verb) => WRITES.test(verb));
    const mayRead = verbs.some((verb) => READS.test(verb));
    if (mayWrite || (mayRead && secrets.length > 0)) {
      yield {
        object: role,
        path: pathTo(path, 'resources'),
        message: `${who}, ${needsLess}, may ${verbs.join(', ')} ${(mayWrite ? resources : secrets).join(', ')} ${through}.`,
        fix,
      };
    } else if (mayRead) readable.push(...resources);
  }
  if (readable.length === 0 || usesCluster(role)) return;
  yield {
    object: role,
    path: 'rules',
    message: `${who}, ${needsLess}, may read ${[...new Set(readable)].join(', ')} ${through}.`,
    fix,
    severity: 'warning',
  };
}

function usesCluster(role: KubernetesObject): boolean {
  return rulesOf(role).some(
    ({ rule }) =>
      texts(rule, 'nonResourceURLs').length > 0 ||
      texts(rule, 'resources').some((resource) => CLUSTER_SCOPED.test(resource)),
  );
}

const NAMESPACE_SETTING =
  /^(?:-{1,2}(?:k8s-|kube-|watch-|target-|pod-)?namespace|(?:WATCH_|POD_|K8S_|KUBE_|KUBERNETES_|TARGET_|MY_POD_|DEPLOY(?:MENT)?_|APP_)?NAMESPACE)$/;

/** How a workload is told which one namespace it works in; `isOther` where it is named, not just its own. */
function toldNamespace(workload: Workload): { readonly how: string; readonly isOther: boolean } | undefined {
  for (const { settings, spec } of workload.runningContainers) {
    for (const { name, value, source } of settings.all) {
      if (source === 'file' || !NAMESPACE_SETTING.test(name)) continue;
      const isOwn =
        value === undefined
          ? objectsAt(spec, 'env').some(
              ({ item }) =>
                item.name === name &&
                textAt(item, 'valueFrom', 'fieldRef', 'fieldPath') === 'metadata.namespace',
            )
          : /^\$\([A-Z_]*NAMESPACE\)$/.test(value);
      if (isOwn) return { how: `which is told its own namespace (${name})`, isOther: false };
      if (value !== undefined && /^(?!all$|true$|false$)[a-z0-9][a-z0-9-]*$/.test(value))
        return { how: `which is told one namespace (${name} is ${value})`, isOther: true };
    }
  }
  return undefined;
}

/** Engines, databases and applications that run without Kubernetes just as well. */
function askNothing(workloads: readonly Workload[]): boolean {
  const containers = workloads.flatMap(({ runningContainers }) => runningContainers);
  return (
    containers.length > 0 &&
    containers.every(
      ({ application, engine, server }) =>
        engine !== undefined ||
        server !== undefined ||
        (application !== undefined && !/router|runtime/i.test(application.name)),
    )
  );
}

function rulesOf({ manifest }: KubernetesObject): { readonly rule: JsonObject; readonly path: string }[] {
  return objectsAt(manifest, 'rules').map(({ item, index }) => ({
    rule: item,
    path: pathTo('rules', index),
  }));
}

function texts(rule: JsonObject, field: string): string[] {
  return listAt(rule, field).filter((item) => typeof item === 'string');
}
