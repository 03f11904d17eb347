import { isPlaceholder } from '../../contracts/placeholder';
import { objectAt, objectsAt, pathTo, textsAt, valueAt } from '../json';
import type { JsonObject, KubernetesObject } from '../kubernetes-object';
import type { Autoscaler } from './autoscaler';
import { Container } from './container';
import type { Model } from './model';
import type { PodShape } from './pod-shapes';
import type { NetworkPolicy } from './policy';
import type { Service } from './service';
import { podVolumes, type Volume } from './volume';

/** How many pods of a workload there are, and the field that says so. */
export interface Replicas {
  /** Pods that are always there: what "two or more replicas" in a rule means. */
  readonly guaranteed: number;
  /** Pods that there can be: what "can have more than one" means. */
  readonly possible: number;
  /** The object that sets `possible`: the autoscaler, else the workload's own. */
  readonly object: KubernetesObject;
  /** Its field. */
  readonly path: string;
  /** False where a cloud has yet to say a number: then `guaranteed` and `possible` are only what would be without it. */
  readonly isKnown: boolean;
  /** `possible` for messages: `up to 10 replicas (HorizontalPodAutoscaler/chat)`. */
  readonly text: string;
}

/**
 * Something that makes pods from one template: a Deployment, StatefulSet, DaemonSet, Job, Pod …. An object with
 * several templates (LeaderWorkerSet, RayCluster) is several workloads, told apart by `role`.
 */
export class Workload {
  readonly object: KubernetesObject;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly role: string | undefined;
  /** Path of the pod template (`spec.template`); empty for a Pod. */
  readonly templatePath: string;
  /** Path of the PodSpec (`spec.template.spec`). */
  readonly podPath: string;
  readonly podSpec: JsonObject;
  /** Labels of the pods, with those that the controller adds. */
  readonly podLabels: Readonly<Record<string, string>>;
  readonly podAnnotations: Readonly<Record<string, string>>;
  /** Helm and Argo CD hooks and tests: only their images and secrets are checked. */
  readonly isHook: boolean;

  private readonly model: Model;
  private readonly shape: PodShape;
  #containers: readonly Container[] | undefined;
  #volumes: readonly Volume[] | undefined;

  constructor(model: Model, object: KubernetesObject, shape: PodShape) {
    this.model = model;
    this.object = object;
    this.shape = shape;
    this.kind = object.kind;
    this.name = object.name;
    this.namespace = object.namespace;
    this.role = shape.role;
    this.templatePath = pathTo('', ...shape.template);
    this.podPath = pathTo(this.templatePath, 'spec');
    this.podSpec = objectAt(object.manifest, ...shape.template, 'spec');
    const metadata = objectAt(object.manifest, ...shape.template, 'metadata');
    this.podLabels = Object.assign(textsAt(metadata, 'labels'), shape.addedLabels);
    this.podAnnotations = textsAt(metadata, 'annotations');
    this.isHook = isHook(object.annotations);
  }

  /** For messages: `StatefulSet/chat`, `LeaderWorkerSet/big (worker)`. */
  get label(): string {
    return `${this.kind}/${this.name}${this.role ? ` (${this.role})` : ''}`;
  }

  /** Autoscalers (HPA, ScaledObject) that target it. */
  get autoscalers(): readonly Autoscaler[] {
    return this.model.autoscalersOf(this);
  }

  /** Pods that it has at the least and at the most, as object and autoscaler say. */
  get replicas(): Replicas {
    const [autoscaler] = this.autoscalers;
    const each = this.shape.perReplica ?? 1;
    if (autoscaler) {
      const { object, maximumPath: path, isKnown } = autoscaler;
      const possible = Math.max(autoscaler.minimum, autoscaler.maximum) * each;
      const text = `up to ${possible} replicas (${object.kind}/${object.name})`;
      return { guaranteed: autoscaler.minimum * each, possible, object, path, isKnown, text };
    }
    const { guaranteed, possible = guaranteed, replicas } = this.shape;
    const text =
      possible === Infinity ? 'any number of pods' : `${possible} replica${possible === 1 ? '' : 's'}`;
    const isKnown = !isPlaceholder(replicas && valueAt(this.object.manifest, ...replicas));
    const path = pathTo('', ...(replicas ?? ['spec']));
    return { guaranteed, possible, object: this.object, path, isKnown, text };
  }

  /** Containers, sidecars and init containers, in the order of the manifest: init first. */
  get containers(): readonly Container[] {
    this.#containers ??= ['initContainers', 'containers'].flatMap((list) =>
      objectsAt(this.podSpec, list).map(
        ({ item, index }) => new Container(this.model, this, item, pathTo(this.podPath, list, index), list),
      ),
    );
    return this.#containers;
  }

  /** Containers that run as long as the pod does: the main ones and sidecars. */
  get runningContainers(): readonly Container[] {
    return this.containers.filter((container) => container.phase !== 'init');
  }

  /** Volumes of the pod; a StatefulSet's volumeClaimTemplates are volumes of their name. */
  get volumes(): readonly Volume[] {
    this.#volumes ??= podVolumes(this.model, this);
    return this.#volumes;
  }

  /** Services whose selector selects its pods. */
  get services(): readonly Service[] {
    return this.model.servicesOf(this);
  }

  /** NetworkPolicies that select its pods. */
  get policies(): readonly NetworkPolicy[] {
    return this.model.policiesOf(this);
  }

  /** An annotation of the pod template or of the object itself: `polypod.dev/sessions`. */
  annotation(name: string): string | undefined {
    return this.podAnnotations[name] ?? this.object.annotations[name];
  }
}

function isHook(annotations: Readonly<Record<string, string>>): boolean {
  return 'helm.sh/hook' in annotations || 'argocd.argoproj.io/hook' in annotations;
}
