import { objectsAt, textAt } from '../json';
import type { KubernetesObject } from '../kubernetes-object';
import type { Model } from './model';
import type { Workload } from './workload';

/** A RoleBinding or ClusterRoleBinding that gives rights to ServiceAccounts. */
export interface Binding {
  readonly object: KubernetesObject;
  /** True where it gives its role in all namespaces. */
  readonly isClusterWide: boolean;
  readonly roleKind: string;
  readonly roleName: string;
  /** The Role or ClusterRole, if the input holds it. */
  readonly role: KubernetesObject | undefined;
  /** Who gets the role, for messages: `ServiceAccount/chat`, `every ServiceAccount`. */
  readonly holders: readonly string[];
  /** Workloads of the input whose pods get it. */
  readonly workloads: readonly Workload[];
}

/** Who may do what with the Kubernetes API, as far as the input says. */
export class Rights {
  readonly bindings: readonly Binding[];

  private readonly bound = new Set<Workload>();
  private readonly workloads = new Map<string, Workload[]>();

  constructor(private readonly model: Model) {
    for (const workload of model.allWorkloads) {
      const { namespace } = workload;
      const name = serviceAccountOf(workload);
      // A namespace that is only assumed may be another in the end: the bindings' may name it.
      const isAssumed = textAt(workload.object.manifest, 'metadata', 'namespace') === undefined;
      for (const key of [`${namespace}/${name}`, `${namespace}/`, '/', isAssumed ? `?/${name}` : '']) {
        if (key !== '') this.add(key, workload);
      }
    }
    this.bindings = ['RoleBinding', 'ClusterRoleBinding'].flatMap((kind) =>
      model.ofKind(kind, 'rbac.authorization.k8s.io').map((object) => this.binding(object)),
    );
    for (const { workloads } of this.bindings) for (const workload of workloads) this.bound.add(workload);
  }

  /** Whether anything in the input is bound to the ServiceAccount of a workload. */
  isBound(workload: Workload): boolean {
    return this.bound.has(workload);
  }

  private add(key: string, workload: Workload): void {
    const known = this.workloads.get(key);
    if (known) known.push(workload);
    else this.workloads.set(key, [workload]);
  }

  private binding(object: KubernetesObject): Binding {
    const { manifest, namespace } = object;
    const roleKind = textAt(manifest, 'roleRef', 'kind') ?? '';
    const roleName = textAt(manifest, 'roleRef', 'name') ?? '';
    const holders: string[] = [];
    const workloads = new Set<Workload>();
    for (const { item } of objectsAt(manifest, 'subjects')) {
      const subject = accountOf(
        textAt(item, 'kind') ?? '',
        textAt(item, 'name') ?? '',
        textAt(item, 'namespace'),
      );
      if (!subject) continue;
      holders.push(subject.text);
      const inNamespace = subject.namespace ?? (subject.name === '' ? '' : namespace);
      for (const key of [`${inNamespace}/${subject.name}`, `?/${subject.name}`]) {
        if (key !== '?/') for (const workload of this.workloads.get(key) ?? []) workloads.add(workload);
      }
    }
    return {
      object,
      isClusterWide: object.kind === 'ClusterRoleBinding',
      roleKind,
      roleName,
      role: this.model.find(roleKind, roleKind === 'ClusterRole' ? '' : namespace, roleName),
      holders,
      workloads: [...workloads],
    };
  }
}

/** The ServiceAccount of a workload's pods. */
export function serviceAccountOf({ podSpec }: Workload): string {
  return textAt(podSpec, 'serviceAccountName') ?? textAt(podSpec, 'serviceAccount') ?? 'default';
}

interface Account {
  /** @default none: every namespace, or that of the binding */
  readonly namespace: string | undefined;
  /** Empty for all of a namespace. */
  readonly name: string;
  readonly text: string;
}

/** A subject that is a ServiceAccount, or a group of them. */
function accountOf(kind: string, name: string, namespace: string | undefined): Account | undefined {
  if (kind === 'ServiceAccount' && name !== '') return { namespace, name, text: `ServiceAccount/${name}` };
  const [system, prefix, first = '', second = ''] = name.split(':');
  if (system !== 'system') return undefined;
  if (kind === 'User' && prefix === 'serviceaccount')
    return { namespace: first, name: second, text: `ServiceAccount/${second}` };
  if (kind !== 'Group') return undefined;
  if (prefix === 'serviceaccounts' && first !== '')
    return { namespace: first, name: '', text: `every ServiceAccount in ${first}` };
  return prefix === 'serviceaccounts' || prefix === 'authenticated'
    ? { namespace: undefined, name: '', text: 'every ServiceAccount' }
    : undefined;
}
