import { objectsAt, textAt } from '../json';
import { isOfOthers, makesNoPods } from '../known/run-time-labels';
import type { KubernetesObject } from '../kubernetes-object';
import { type Autoscaler, autoscaler } from './autoscaler';
import { PodIndex } from './pod-index';
import { podShapes } from './pod-shapes';
import {
  type Budget,
  budget,
  isNetworkPolicy,
  type NetworkPolicy,
  networkPolicy,
  otherPolicies,
} from './policy';
import { type Route, routesOf } from './route';
import type { Selector } from './selector';
import { Service } from './service';
import { type StorageBacking, storageClass } from './storage-class';
import { type Claim, persistentVolumeClaim, type Volume } from './volume';
import { Workload } from './workload';

/** A volume of a workload that mounts a claim. */
export interface ClaimMount {
  readonly workload: Workload;
  readonly volume: Volume;
}

/**
 * The input as rules see it: objects found by kind and name, and what belongs together. Everything is computed once,
 * when it is first asked for, and in time linear in the input.
 */
export class Model {
  /** In the order of the input. */
  readonly objects: readonly KubernetesObject[];

  private readonly byKind = new Map<string, KubernetesObject[]>();
  private readonly byName = new Map<string, KubernetesObject>();
  private readonly files = new Map<KubernetesObject, Map<string, [string, string][]>>();
  private readonly claimsByObject = new Map<KubernetesObject, Claim>();
  #allWorkloads: readonly Workload[] | undefined;
  #workloads: readonly Workload[] | undefined;
  #pods: PodIndex | undefined;
  #services: ReadonlyMap<KubernetesObject, Service> | undefined;
  #servicesOf: ReadonlyMap<Workload, readonly Service[]> | undefined;
  #autoscalers: readonly Autoscaler[] | undefined;
  #autoscalersOf: ReadonlyMap<string, readonly Autoscaler[]> | undefined;
  #routes: readonly Route[] | undefined;
  #routesTo: ReadonlyMap<Service, readonly Route[]> | undefined;
  #budgets: readonly Budget[] | undefined;
  #budgetsOf: ReadonlyMap<Workload, readonly Budget[]> | undefined;
  #networkPolicies: readonly NetworkPolicy[] | undefined;
  #otherPolicies: ReadonlySet<string> | undefined;
  #policiesOf: ReadonlyMap<Workload, readonly NetworkPolicy[]> | undefined;
  #workloadsOf: ReadonlyMap<KubernetesObject, readonly Workload[]> | undefined;
  #customResources: ReadonlySet<string> | undefined;
  #claimMounts: ReadonlyMap<string, readonly ClaimMount[]> | undefined;

  constructor(objects: readonly KubernetesObject[]) {
    this.objects = objects;
    for (const object of objects) {
      append(this.byKind, object.kind, object);
      const key = nameKey(object.kind, object.namespace, object.name);
      if (!this.byName.has(key)) this.byName.set(key, object);
    }
  }

  /** Objects of a kind, of one API group where several have a kind of this name. */
  ofKind(kind: string, group?: string): readonly KubernetesObject[] {
    const found = this.byKind.get(kind) ?? [];
    return group === undefined ? found : found.filter((object) => object.group === group);
  }

  /** One object by kind, namespace (empty for cluster-scoped kinds) and name. */
  find(kind: string, namespace: string, name: string): KubernetesObject | undefined {
    return this.byName.get(nameKey(kind, namespace, name));
  }

  /** Whatever makes pods, without hooks and tests. */
  get workloads(): readonly Workload[] {
    this.#workloads ??= this.allWorkloads.filter((workload) => !workload.isHook);
    return this.#workloads;
  }

  /** Whatever makes pods, hooks and tests too. What another object of the input makes and owns is left out. */
  get allWorkloads(): readonly Workload[] {
    this.#allWorkloads ??= this.objects
      .filter((object) => !this.isOwned(object))
      .flatMap((object) => podShapes(object).map((shape) => new Workload(this, object, shape)));
    return this.#allWorkloads;
  }

  /** Finds workloads by the labels of their pods; hooks are not among them. */
  get pods(): PodIndex {
    this.#pods ??= new PodIndex(this.workloads);
    return this.#pods;
  }

  /** Workloads made from one object: several for a LeaderWorkerSet. */
  workloadsOf(object: KubernetesObject): readonly Workload[] {
    this.#workloadsOf ??= groupBy(this.allWorkloads, (workload) => workload.object);
    return this.#workloadsOf.get(object) ?? [];
  }

  /** Every Service of the input. */
  get services(): Iterable<Service> {
    return this.serviceMap.values();
  }

  /** The Service of this name, if it is in the input. */
  service(namespace: string, name: string): Service | undefined {
    const object = this.find('Service', namespace, name);
    return object && this.serviceMap.get(object);
  }

  /** Services whose selector selects the pods of a workload. */
  servicesOf(workload: Workload): readonly Service[] {
    this.#servicesOf ??= reverse(this.services);
    return this.#servicesOf.get(workload) ?? [];
  }

  /**
   * The Service that a host name means to a pod of a namespace: `db`, `db.data`, `db.data.svc`,
   * `db.data.svc.cluster.local`, and `db-0.db…` for a pod behind it.
   */
  serviceOfHost(host: string, namespace: string): Service | undefined {
    const labels = host
      .replace(/\.$/, '')
      .replace(/\.svc(?:\.[a-z0-9.-]+)?$/, '')
      .split('.');
    const [first = '', second, third] = labels;
    if (second === undefined) return this.service(namespace, first);
    if (third === undefined) return this.service(second, first) ?? this.service(namespace, second);
    return this.service(third, second);
  }

  /** Every HorizontalPodAutoscaler and ScaledObject. */
  get autoscalers(): readonly Autoscaler[] {
    this.#autoscalers ??= this.objects.flatMap((object) => autoscaler(object) ?? []);
    return this.#autoscalers;
  }

  /** Autoscalers whose target is the workload. */
  autoscalersOf(workload: Workload): readonly Autoscaler[] {
    this.#autoscalersOf ??= groupBy(this.autoscalers, ({ object, target }) =>
      nameKey(target.kind, object.namespace, target.name),
    );
    return this.#autoscalersOf.get(nameKey(workload.kind, workload.namespace, workload.name)) ?? [];
  }

  /** Every way from outside to a Service: Ingress, Gateway API routes and their like. */
  get routes(): readonly Route[] {
    this.#routes ??= this.objects.flatMap((object) => routesOf(this, object));
    return this.#routes;
  }

  /** Ways from outside to a Service. */
  routesTo(service: Service): readonly Route[] {
    this.#routesTo ??= groupBy(this.routes, (route) => route.service);
    return this.#routesTo.get(service) ?? [];
  }

  /** Every PodDisruptionBudget. */
  get budgets(): readonly Budget[] {
    this.#budgets ??= this.ofKind('PodDisruptionBudget').map((object) => budget(this, object));
    return this.#budgets;
  }

  /** Budgets whose selector selects the pods of a workload. */
  budgetsOf(workload: Workload): readonly Budget[] {
    this.#budgetsOf ??= reverse(this.budgets);
    return this.#budgetsOf.get(workload) ?? [];
  }

  /** Every NetworkPolicy of Kubernetes' own API. */
  get networkPolicies(): readonly NetworkPolicy[] {
    this.#networkPolicies ??= this.ofKind('NetworkPolicy')
      .filter(isNetworkPolicy)
      .map((object) => networkPolicy(this, object));
    return this.#networkPolicies;
  }

  /** Whether policies that are not read (Cilium's, Calico's, the cluster's) have a say in a namespace. */
  hasOtherPolicies(namespace: string): boolean {
    this.#otherPolicies ??= otherPolicies(this);
    return this.#otherPolicies.has('') || this.#otherPolicies.has(namespace);
  }

  /** NetworkPolicies whose selector selects the pods of a workload. */
  policiesOf(workload: Workload): readonly NetworkPolicy[] {
    this.#policiesOf ??= reverse(this.networkPolicies);
    return this.#policiesOf.get(workload) ?? [];
  }

  /** Every claim: PersistentVolumeClaims of the input, and those that workloads make for each pod. */
  *claims(): Generator<Claim> {
    for (const object of this.ofKind('PersistentVolumeClaim', '')) {
      const claim = this.claim(object.namespace, object.name);
      if (claim?.object === object) yield claim;
    }
    for (const { volumes } of this.workloads) {
      for (const { claim } of volumes) if (claim?.perPod) yield claim;
    }
  }

  /** A PersistentVolumeClaim of the input. */
  claim(namespace: string, name: string): Claim | undefined {
    const object = this.find('PersistentVolumeClaim', namespace, name);
    if (!object) return undefined;
    let claim = this.claimsByObject.get(object);
    if (!claim) {
      claim = persistentVolumeClaim(this, object);
      this.claimsByObject.set(object, claim);
    }
    return claim;
  }

  /** Who mounts a claim by its name. Claims that each pod gets for itself are not among them. */
  mountsOf(claim: Claim): readonly ClaimMount[] {
    this.#claimMounts ??= groupBy(
      this.workloads.flatMap((workload) => workload.volumes.map((volume) => ({ workload, volume }))),
      ({ volume }) =>
        volume.claim && !volume.claim.perPod
          ? nameKey('', volume.claim.namespace, volume.claim.name)
          : undefined,
    );
    return claim.perPod ? [] : (this.#claimMounts.get(nameKey('', claim.namespace, claim.name)) ?? []);
  }

  /** A storage class of the input, or one that a cloud gives by this name. */
  storageClass(name: string): StorageBacking | undefined {
    return storageClass(this, name);
  }

  /** Labels of a namespace, if the input holds it; Kubernetes itself sets `kubernetes.io/metadata.name`. */
  namespaceLabels(name: string): Readonly<Record<string, string>> {
    return { ...this.find('Namespace', '', name)?.labels, 'kubernetes.io/metadata.name': name };
  }

  /**
   * Whether a controller may make pods that a selector selects: a custom resource in the namespace, whose kind the
   * model does not know as a workload, has the name that one of the selector's labels asks for; or the label is one
   * that controllers outside the input set.
   */
  controllerMayMake(selector: Selector, namespace: string): boolean {
    this.#customResources ??= new Set(
      this.objects
        .filter(({ group, kind }) => group.includes('.') && !group.endsWith('.k8s.io') && !makesNoPods(kind))
        .filter(({ name }) => name !== '')
        .map((object) => nameKey('', object.namespace, object.name)),
    );
    if (selector.requirements.some(({ key, values }) => isOfOthers(key, values))) return true;
    for (const value of selector.requirements.flatMap(({ values }) => values)) {
      // `chat-db` makes pods labelled `chat-db` or `chat-db-primary`.
      const parts = value.split('-');
      for (let length = parts.length; length > 0; length -= 1) {
        if (this.#customResources.has(nameKey('', namespace, parts.slice(0, length).join('-')))) return true;
      }
    }
    return false;
  }

  /** Parses a configuration file of a ConfigMap or Secret once, however many containers mount it. */
  parsedFile(object: KubernetesObject, path: string, parse: () => [string, string][]): [string, string][] {
    let files = this.files.get(object);
    if (!files) {
      files = new Map();
      this.files.set(object, files);
    }
    let parsed = files.get(path);
    if (!parsed) {
      parsed = parse();
      files.set(path, parsed);
    }
    return parsed;
  }

  private get serviceMap(): ReadonlyMap<KubernetesObject, Service> {
    this.#services ??= new Map(
      this.ofKind('Service', '').map((object) => [object, new Service(this, object)]),
    );
    return this.#services;
  }

  private isOwned({ manifest, namespace }: KubernetesObject): boolean {
    return objectsAt(manifest, 'metadata', 'ownerReferences').some(
      ({ item }) =>
        this.find(textAt(item, 'kind') ?? '', namespace, textAt(item, 'name') ?? '') !== undefined,
    );
  }
}

function nameKey(kind: string, namespace: string, name: string): string {
  return `${kind}\0${namespace}\0${name}`;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function groupBy<K, V>(values: Iterable<V>, keyOf: (value: V) => K | undefined): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const key = keyOf(value);
    if (key !== undefined) append(groups, key, value);
  }
  return groups;
}

/** Who selects a workload, from who selects whom. */
function reverse<T extends { readonly workloads: readonly Workload[] }>(
  selecting: Iterable<T>,
): Map<Workload, T[]> {
  const found = new Map<Workload, T[]>();
  for (const one of selecting) for (const workload of one.workloads) append(found, workload, one);
  return found;
}
