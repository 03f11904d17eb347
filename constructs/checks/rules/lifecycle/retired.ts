import { isObject, objectAt, pathTo, textAt } from '../../json';
import type { Retired } from '../../known/retired';
import { retiredApi } from '../../known/retired-apis';
import {
  DOCKER_SOCKET,
  RETIRED_ANNOTATIONS,
  retiredProvisioner,
  retiredVolume,
} from '../../known/retired-pod-fields';
import {
  azureServer,
  INGRESS_NGINX,
  RETIRED_CLASSES,
  retiredAddress,
  retiredImage,
} from '../../known/retired-services';
import type { JsonValue, KubernetesObject } from '../../kubernetes-object';
import type { Container, Model } from '../../model';
import type { Finding, Rule } from '../../rule';

interface Use {
  readonly retired: Retired;
  readonly object: KubernetesObject;
  readonly path: string;
  /** Which one it is, where the path does not show it. */
  readonly name?: string;
}

/** Services and APIs that are gone, as of a day: an error once they are, a warning while they last. */
export function retiredAsOf(today: () => Date): Rule {
  return {
    id: 'lifecycle/retired',
    severity: 'warning',
    description: 'Services and APIs that are retired or will be, with the date; an error once they are gone.',
    *check(model: Model) {
      const day = today().toISOString().slice(0, 10);
      const reported = new Map<KubernetesObject, Set<string>>();
      for (const use of uses(model)) {
        const paths = reported.get(use.object) ?? new Set();
        reported.set(use.object, paths);
        if (paths.has(use.path)) continue;
        paths.add(use.path);
        yield finding(use, day);
      }
    },
  };
}

/** {@link retiredAsOf} today. */
export const retired: Rule = retiredAsOf(() => new Date());

function finding({ retired, object, path, name }: Use, day: string): Finding {
  const { what, date, end, instead, isGone = true } = retired;
  const isPast = date <= day;
  const subject = name === undefined ? what : `${what} (${name})`;
  return {
    object,
    path,
    message: isPast
      ? `${subject} is retired: since ${date}, ${end}.`
      : `${subject} will be retired: on ${date}, ${end}.`,
    fix: instead,
    severity: isPast && isGone ? 'error' : 'warning',
  };
}

function* uses(model: Model): Generator<Use> {
  for (const object of model.objects) {
    const api = retiredApi(object.apiVersion, object.kind);
    if (api) yield { retired: api, object, path: 'apiVersion' };
    yield* ofKind(model, object);
    yield* ofAddresses(object);
  }
  for (const { object, volumes, podAnnotations, templatePath, containers } of model.allWorkloads) {
    for (const { type, source, path } of volumes) {
      const volume = retiredVolume(type);
      if (volume) yield { retired: volume, object, path: pathTo(path, type) };
      if (
        type === 'hostPath' &&
        /^(?:\/var)?\/run\/docker(?:shim)?\.sock$/.test(textAt(source, 'path') ?? '')
      )
        yield { retired: DOCKER_SOCKET, object, path: pathTo(path, 'hostPath', 'path') };
    }
    for (const name of Object.keys(podAnnotations)) {
      const annotation = RETIRED_ANNOTATIONS.find((each) => each.name.test(name));
      if (annotation)
        yield { retired: annotation, object, path: pathTo(templatePath, 'metadata', 'annotations', name) };
    }
    for (const container of containers) yield* ofContainer(container);
  }
}

function* ofKind(model: Model, object: KubernetesObject): Generator<Use> {
  const { kind, manifest } = object;
  if (kind === 'StorageClass') {
    const provisioner = retiredProvisioner(textAt(manifest, 'provisioner') ?? '');
    if (provisioner) yield { retired: provisioner, object, path: 'provisioner' };
  } else if (kind === 'PersistentVolume') {
    for (const type of Object.keys(objectAt(manifest, 'spec'))) {
      const volume = retiredVolume(type);
      if (volume) yield { retired: volume, object, path: pathTo('spec', type) };
    }
  } else if (kind === 'HorizontalPodAutoscaler') {
    const target = objectAt(manifest, 'spec', 'scaleTargetRef');
    const api = retiredApi(textAt(target, 'apiVersion') ?? '', textAt(target, 'kind') ?? '');
    if (api) yield { retired: api, object, path: 'spec.scaleTargetRef.apiVersion' };
  } else if (kind === 'IngressClass') {
    if (textAt(manifest, 'spec', 'controller') === INGRESS_NGINX_CONTROLLER)
      yield { retired: INGRESS_NGINX, object, path: 'spec.controller' };
  } else if (kind === 'Ingress') {
    yield* ofIngress(model, object);
  }
}

const INGRESS_NGINX_CONTROLLER = 'k8s.io/ingress-nginx';
const NGINX_ANNOTATION = /^nginx\.ingress\.kubernetes\.io\//;
/** Annotations by which an Ingress of class `nginx` shows that it is another vendor's. */
const OTHER_VENDOR =
  /^(?:nginx\.(?:org|com)|traefik\.ingress\.kubernetes\.io|haproxy|konghq\.com|alb\.ingress)/;
/** Classes of other controllers, where charts leave ingress-nginx's annotations behind. */
const OTHER_CLASS =
  /^(?:alb|gce|gce-internal|traefik|haproxy|kong|cilium|istio|contour|openshift-default|apisix|tyk|ngrok|higress|mse|nginx-org|nginx-plus|azure|azure[-/]application-gateway|azure-alb-external|aws-vpc-lattice|cloudflare-tunnel|tailscale|caddy|pomerium|voyager|gloo|ambassador|emissary)$/;

function* ofIngress(model: Model, object: KubernetesObject): Generator<Use> {
  const { annotations, manifest } = object;
  const field = textAt(manifest, 'spec', 'ingressClassName');
  const className = field ?? annotations['kubernetes.io/ingress.class'] ?? '';
  const classPath =
    field === undefined
      ? pathTo('metadata', 'annotations', 'kubernetes.io/ingress.class')
      : 'spec.ingressClassName';
  const managed = Object.hasOwn(RETIRED_CLASSES, className) ? RETIRED_CLASSES[className] : undefined;
  if (managed) {
    yield { retired: managed, object, path: classPath };
    return;
  }
  const controller = textAt(model.find('IngressClass', '', className)?.manifest, 'spec', 'controller');
  if (controller !== undefined ? controller !== INGRESS_NGINX_CONTROLLER : OTHER_CLASS.test(className))
    return;
  const names = Object.keys(annotations);
  if (controller !== undefined || (className === 'nginx' && !names.some((name) => OTHER_VENDOR.test(name)))) {
    yield { retired: INGRESS_NGINX, object, path: classPath };
    return;
  }
  const annotation = names.find((name) => NGINX_ANNOTATION.test(name));
  if (annotation !== undefined)
    yield { retired: INGRESS_NGINX, object, path: pathTo('metadata', 'annotations', annotation) };
}

function* ofContainer(container: Container): Generator<Use> {
  const { image, workload, path, settings } = container;
  const old = image.isKnown && image.text !== '' ? retiredImage(image.text) : undefined;
  if (old) yield { retired: old, object: workload.object, path: pathTo(path, 'image'), name: image.text };
  // The host and the user of a Single Server may stand in settings of their own.
  const users = new Set(
    settings.all.flatMap(({ name, value }) =>
      value !== undefined && /user(?:name)?$/i.test(name)
        ? (/@([a-z0-9-]+)$/i.exec(value)?.[1]?.toLowerCase() ?? [])
        : [],
    ),
  );
  if (users.size === 0) return;
  for (const { value, object, path: where } of settings.all) {
    const found = value === undefined || value.length > 4096 ? undefined : azureServer(value);
    if (found && users.has(found.server.toLowerCase())) yield { retired: found.retired, object, path: where };
  }
}

/** Copies of the object, texts for people, and what rules of their own look at. */
const NOT_LOOKED_INTO = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'description',
  'status',
  'managedFields',
  'image',
]);

/** Hosts and URLs of retired services in any text of an object. */
function ofAddresses(object: KubernetesObject): Use[] {
  const found: Use[] = [];
  const steps: (string | number)[] = [];
  const look = (value: JsonValue): void => {
    if (typeof value === 'string') {
      const isEncoded = object.kind === 'Secret' && steps[0] === 'data';
      const text = isEncoded ? Buffer.from(value, 'base64').toString('utf8') : value;
      const named = retiredAddress(text);
      if (named)
        found.push({ retired: named.retired, object, path: pathTo('', ...steps), name: named.address });
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => {
        steps.push(index);
        look(item);
        steps.pop();
      });
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) {
        if (NOT_LOOKED_INTO.has(key)) continue;
        steps.push(key);
        look(value[key]);
        steps.pop();
      }
    }
  };
  // Definitions hold nothing but schemas and descriptions.
  if (object.kind !== 'CustomResourceDefinition') look(object.manifest);
  return found;
}
