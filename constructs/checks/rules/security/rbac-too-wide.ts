import { isObject, listAt, objectAt, objectsAt, pathTo, textAt } from '../../json';
import { isClusterTool, isNamedController } from '../../known/cluster-tools';
import type { JsonObject, KubernetesObject } from '../../kubernetes-object';
import { type Binding, type Model, Rights, type Workload } from '../../model';
import type { Finding, Rule } from '../../rule';

/** Rights far beyond what a workload is there for: with its token, an intruder has the cluster. */
export const rbacTooWide: Rule = {
  id: 'security/rbac-too-wide',
  severity: 'error',
  description: 'Cluster-wide or wildcard rights for a workload that needs a namespace or nothing.',
  *check(model: Model) {
    const reported = new Set<string>();
    for (const binding of new Rights(model).bindings) {
      if (binding.holders.length === 0) continue;
      for (const finding of findings(model, binding)) {
        const { kind, namespace, name } = finding.object;
        const key = `${kind}/${namespace}/${name}/${finding.path}`;
        if (reported.has(key)) continue;
        reported.add(key);
        yield finding;
      }
    }
  },
};

function* findings(model: Model, binding: Binding): Generator<Finding> {
  const { role, roleKind, roleName, isClusterWide, object } = binding;
  const who = holder(binding);
  const where = isClusterWide ? 'in all namespaces' : `in namespace ${object.namespace}`;
  if (roleKind === 'ClusterRole' && roleName === 'cluster-admin') {
    yield {
      object,
      path: 'roleRef.name',
      message: `${who} may do everything ${isClusterWide ? 'in the whole cluster' : where}: cluster-admin has no limits.`,
      fix: 'Bind a Role with the verbs and resources that it uses, in its own namespace.',
      severity: isTool(binding) ? 'warning' : 'error',
    };
  } else if (roleKind === 'ClusterRole' && isClusterWide && (roleName === 'admin' || roleName === 'edit')) {
    if (isController(model, binding)) return;
    yield {
      object,
      path: 'roleRef.name',
      message: `${who} may read all Secrets and change almost everything in all namespaces: that is what ${roleName} gives.`,
      fix: 'Bind it with a RoleBinding in the one namespace, or better a Role with what it uses.',
    };
  } else if (role) {
    for (const { item, index } of objectsAt(role.manifest, 'rules')) {
      yield* ofWildcards(model, binding, role, item, pathTo('rules', index));
      yield* ofAllNamespaces(model, binding, role, item, pathTo('rules', index));
    }
  }
}

/** Names the workload that gets the rights, or the account where no workload of the input has it. */
function holder({ workloads, holders }: Binding): string {
  const [workload] = workloads;
  return workload?.label ?? holders[0] ?? '';
}

function* ofWildcards(
  model: Model,
  binding: Binding,
  role: KubernetesObject,
  rule: JsonObject,
  path: string,
): Generator<Finding> {
  const fields = ['apiGroups', 'resources', 'verbs', 'nonResourceURLs'];
  const wild = fields.filter((field) =>
    texts(rule, field).some((item) => /^\*(?:\/|$)|\/\*$/.test(item) && isWild(field, item)),
  );
  // A list of URLs that anybody may see is no right over objects.
  if (wild.length === 0 || (wild.length === 1 && wild[0] === 'nonResourceURLs')) return;
  const isEverything =
    wild.includes('verbs') && (wild.includes('resources') || wild.includes('nonResourceURLs'));
  if (isController(model, binding) && !(isEverything && grantsAllGroups(rule))) return;
  const rights = fields
    .flatMap((field) => (texts(rule, field).length > 0 ? [`${field} ${texts(rule, field).join(', ')}`] : []))
    .join('; ');
  const [only] = wild;
  yield {
    object: role,
    path: wild.length === 1 && only !== undefined ? pathTo(path, only) : path,
    message: `${holder(binding)} gets rights by wildcard ${binding.isClusterWide ? 'in all namespaces' : `in namespace ${binding.object.namespace}`} (${rights}): also those that nobody thought of.`,
    fix: 'List the API groups, resources and verbs that it uses.',
    severity: isTool(binding) ? 'warning' : 'error',
  };
}

/** `/metrics/*` is a path with what is below it, `*` is everything. */
function isWild(field: string, item: string): boolean {
  return field !== 'nonResourceURLs' || item === '*';
}

function grantsAllGroups(rule: JsonObject): boolean {
  return listAt(rule, 'apiGroups').includes('*') || listAt(rule, 'nonResourceURLs').includes('*');
}

/** Resources without a namespace: whoever needs these needs a ClusterRole. */
const CLUSTER_SCOPED =
  /^(?:nodes|namespaces|persistentvolumes|storageclasses|volumeattachments|csinodes|csidrivers|customresourcedefinitions|apiservices|ingressclasses|gatewayclasses|priorityclasses|runtimeclasses|clusterroles|clusterrolebindings|tokenreviews|(?:local|self)?subjectaccessreviews|(?:self)?subjectrulesreviews|selfsubjectreviews|certificatesigningrequests|signers|validatingwebhookconfigurations|mutatingwebhookconfigurations|validatingadmissionpolic.*|podsecuritypolicies|securitycontextconstraints|cluster[a-z]+|deviceclasses|resourceslices|flowschemas|prioritylevelconfigurations|componentstatuses)(?:\/.*)?$/;
const READS = ['get', 'list', 'watch'];
const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const SHELLS = /^pods\/(?:exec|attach|portforward)$/;

/** A workload of one namespace that may act in all of them. */
function* ofAllNamespaces(
  model: Model,
  binding: Binding,
  role: KubernetesObject,
  rule: JsonObject,
  path: string,
): Generator<Finding> {
  if (!binding.isClusterWide || isController(model, binding)) return;
  const told = binding.workloads.map(toldNamespace).find((setting) => setting !== undefined);
  const reason = told ?? (needsNothing(binding) ? 'which does not use the Kubernetes API' : undefined);
  if (reason === undefined) return;
  const verbs = texts(rule, 'verbs');
  const resources = texts(rule, 'resources').filter((resource) => !CLUSTER_SCOPED.test(resource));
  // What a wildcard gives is reported as such.
  if (resources.length === 0 || verbs.includes('*') || resources.includes('*')) return;
  const writes = verbs.filter((verb) => WRITES.includes(verb));
  const secrets = resources.filter((resource) => resource === 'secrets' || SHELLS.test(resource));
  const isRead = verbs.some((verb) => READS.includes(verb));
  const isGrave = writes.length > 0 || (secrets.length > 0 && isRead);
  if (!isGrave && (!isRead || usesCluster(role))) return;
  const what = isGrave && writes.length === 0 ? secrets : resources;
  yield {
    object: role,
    path: pathTo(path, 'resources'),
    message: `${holder(binding)}, ${reason}, may ${verbs.join(', ')} ${what.join(', ')} in all namespaces, through ClusterRoleBinding/${binding.object.name}.`,
    fix: 'Make it a Role in its own namespace, bound by a RoleBinding.',
    severity: isGrave ? 'error' : 'warning',
  };
}

function usesCluster({ manifest }: KubernetesObject): boolean {
  return objectsAt(manifest, 'rules').some(
    ({ item }) =>
      listAt(item, 'nonResourceURLs').length > 0 ||
      texts(item, 'resources').some((resource) => CLUSTER_SCOPED.test(resource)),
  );
}

const NAMESPACE_SETTING =
  /^(?:-{1,2}(?:k8s-|kube-|watch-|target-|pod-)?namespace|(?:WATCH_|POD_|K8S_|KUBE_|KUBERNETES_|TARGET_|MY_POD_|DEPLOY(?:MENT)?_|APP_)?NAMESPACE)$/;

/** How a workload is told which one namespace it works in. */
function toldNamespace(workload: Workload): string | undefined {
  for (const { settings, spec } of workload.runningContainers) {
    for (const { name, value, source } of settings.all) {
      if (source === 'file' || !NAMESPACE_SETTING.test(name)) continue;
      const isOwn =
        value === undefined &&
        objectsAt(spec, 'env').some(
          ({ item }) =>
            item.name === name && textAt(item, 'valueFrom', 'fieldRef', 'fieldPath') === 'metadata.namespace',
        );
      if (isOwn) return `which is told its own namespace (${name})`;
      if (value !== undefined && /^[a-z0-9][a-z0-9-]*$/.test(value) && value !== 'all' && value !== 'true')
        return `which is told one namespace (${name} is ${value})`;
      if (value !== undefined && /^\$\([A-Z_]*NAMESPACE\)$/.test(value))
        return `which is told its own namespace (${name})`;
    }
  }
  return undefined;
}

/** Engines and applications that never ask the Kubernetes API anything. */
function needsNothing({ workloads }: Binding): boolean {
  return (
    workloads.length > 0 &&
    workloads.every(({ runningContainers }) =>
      runningContainers.every(
        ({ application, engine, server }) =>
          engine !== undefined ||
          server !== undefined ||
          (application !== undefined && !/router|runtime/i.test(application.name)),
      ),
    )
  );
}

/** Whether a controller of the cluster, or of kinds that it brings along, gets the rights. */
function isController(model: Model, binding: Binding): boolean {
  const names = binding.workloads.flatMap((workload) => [
    workload.name,
    ...workload.containers.map(({ image }) => image.repository),
  ]);
  return (
    isTool(binding) ||
    names.some(isNamedController) ||
    (binding.role !== undefined && servesOwnKinds(model, binding.role))
  );
}

function isTool({ workloads }: Binding): boolean {
  return workloads.some(({ runningContainers }) =>
    runningContainers.some(({ image }) => isClusterTool(image.repository)),
  );
}

/** Whether a role names an API group that the input itself defines. */
function servesOwnKinds(model: Model, { manifest }: KubernetesObject): boolean {
  const groups = new Set(objectsAt(manifest, 'rules').flatMap(({ item }) => texts(item, 'apiGroups')));
  return model
    .ofKind('CustomResourceDefinition')
    .some(({ manifest: definition }) => groups.has(textAt(objectAt(definition, 'spec'), 'group') ?? ''));
}

function texts(rule: JsonObject, field: string): string[] {
  return isObject(rule) ? listAt(rule, field).filter((item) => typeof item === 'string') : [];
}
