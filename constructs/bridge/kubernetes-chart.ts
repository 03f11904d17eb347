import * as pulumi from '@pulumi/pulumi';
import { type ApiObject, App, type Chart } from 'cdk8s';
import type { JsonObject } from '../checks/kubernetes-object';
import { InvalidInputError, isPlaceholder, type Problem } from '../contracts';
import { apiObjectsOf, type ChartObject, text, titleOf } from './chart-object';
import { isBuiltInKind, resourceClass } from './kinds';
import { type Needs, orderObjects } from './order';
import { OutputResolver } from './outputs';
import { resourceOptions } from './resource-options';
import { restoreOutputs } from './restore';

/** What a check says of the manifests. */
export interface CheckFinding {
  /** The rule that speaks: `storage/single-writer-volume-shared`. */
  readonly rule: string;
  /** An error stops the deployment before anything is created; a warning is logged. */
  readonly severity: 'error' | 'warning';
  /** The object whose field must change: `Deployment/web`. */
  readonly object: string;
  /** Path of the field in that object. */
  readonly path: string;
  /** What will go wrong. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
}

export interface KubernetesChartArgs {
  /** The chart, or an app with all its charts. Charts nested in it come along. */
  readonly chart: Chart | App;
  /**
   * Looks at the synthesized manifests, with placeholders where Outputs go, before anything is created. Errors stop
   * the deployment, all together; warnings are logged.
   * @default nothing is checked
   */
  readonly check?: (manifests: readonly JsonObject[]) => readonly CheckFinding[];
  /**
   * Options for the resource of one object, laid over those that the bridge chooses: `ignoreChanges`, `aliases`,
   * `protect`, `customTimeouts`, `transforms` and all others. Lists are joined, anything else replaces.
   * @default the bridge's own
   */
  readonly resourceOptions?: (object: ChartObject) => pulumi.CustomResourceOptions | undefined;
  /**
   * Whether claims, volumes, Namespaces with claims and CustomResourceDefinitions stay in the cluster when they
   * are no longer in the program or the stack is destroyed. `false` deletes them, and the data with them.
   * @default true
   */
  readonly retainData?: boolean;
}

/** The resources of all bridged objects, so that one chart can wait for objects of another. */
const bridged = new WeakMap<ApiObject, pulumi.CustomResource>();

/**
 * Deploys a cdk8s chart with Pulumi: every API object becomes one resource of @pulumi/kubernetes, its Outputs put
 * back where they stood, created after what it needs. What reaches the cluster is what cdk8s would have written,
 * had the values been known.
 *
 * A resource is named `<name>/<Kind>/<namespace>/<object's name>`; a kind that is not Kubernetes' own carries its
 * group (`Certificate.cert-manager.io`). So renaming an object or moving it to another namespace replaces it, and
 * nothing else does. The provider, and all options that Pulumi hands on to children, come from the component's.
 *
 * @throws InvalidInputError with all reasons together, before any resource is registered: an Output that was turned
 * into text by accident, a placeholder that can't be put back, two objects of one name, dependencies in a circle,
 * errors of the check
 */
export class KubernetesChart extends pulumi.ComponentResource {
  constructor(name: string, args: KubernetesChartArgs, options: pulumi.ComponentResourceOptions = {}) {
    const problems: Problem[] = [];
    const objects = synthesize(args.chart);
    const planned = objects.map((object) => plan(name, object, problems));
    refuseEqualNames(planned, problems);
    const needs = orderObjects(args.chart, objects, problems);
    refuseMissing(needs, problems);
    const warnings = check(args, objects, problems);
    if (problems.length > 0) throw new InvalidInputError(args.chart.node.path || name, problems);

    super('polypod:kubernetes:Chart', name, {}, options);
    for (const warning of warnings) void pulumi.log.warn(warning, this);
    const ownOptions = resourceOptions(objects, args.retainData ?? true);
    const plans = new Map(planned.map((one) => [one.object.apiObject, one]));
    for (const [apiObject, needed] of needs) {
      const one = plans.get(apiObject);
      if (one === undefined) continue;
      const chosen = {
        parent: this,
        dependsOn: [...needed].flatMap((other) => bridged.get(other) ?? []),
        ...ownOptions(one.object),
      };
      bridged.set(apiObject, register(one, pulumi.mergeOptions(chosen, args.resourceOptions?.(one.object))));
    }
    this.registerOutputs({});
  }

  /**
   * The resource that an API object became: for its outputs, such as a load balancer's address, or to depend on it.
   *
   * @throws Error for an object that no KubernetesChart has deployed yet
   */
  static resourceOf(apiObject: ApiObject): pulumi.CustomResource {
    const resource = bridged.get(apiObject);
    if (resource === undefined) {
      throw new Error(`${apiObject.node.path} is not deployed: make a KubernetesChart of its chart first`);
    }
    return resource;
  }
}

/** An object with all that its resource is registered with. */
interface Plan {
  readonly object: ChartObject;
  readonly name: string;
  readonly inputs: pulumi.Inputs;
}

function synthesize(chart: Chart | App): ChartObject[] {
  const { resolvers } = App.of(chart);
  if (!resolvers.some((resolver) => resolver instanceof OutputResolver))
    resolvers.unshift(new OutputResolver());
  const errors = chart.node
    .findAll()
    .flatMap((construct) => construct.node.validate().map((error) => ({ construct, error })));
  if (errors.length > 0) {
    throw new InvalidInputError(
      chart.node.path || 'the app',
      errors.map(({ construct, error }) => ({
        path: construct.node.path,
        value: undefined,
        reason: error,
        mend: 'mend what this construct was given',
      })),
    );
  }
  return apiObjectsOf(chart).map((apiObject) => ({ apiObject, manifest: apiObject.toJson() }));
}

function plan(prefix: string, object: ChartObject, problems: Problem[]): Plan {
  const { apiVersion, kind, apiGroup, node } = object.apiObject;
  const title = titleOf(object);
  if (kind.endsWith('List') && Array.isArray(object.manifest.items)) {
    problems.push({
      path: `${title}: kind`,
      value: kind,
      reason: 'a list holds many objects, and a resource is one',
      mend: 'give each item as an object of its own',
    });
  }
  if (isPlaceholder(kind) || isPlaceholder(apiVersion)) {
    problems.push({
      path: `${title}: kind`,
      value: undefined,
      reason: 'the kind of an object must be known before anything is created',
      mend: 'write apiVersion and kind as literals',
    });
  }
  const namespace = text(object.manifest, 'metadata', 'namespace');
  const own = [namespace, text(object.manifest, 'metadata', 'name')];
  const type = isBuiltInKind(apiVersion, kind) ? kind : `${kind}.${apiGroup}`;
  const path = own.some(isPlaceholder) ? [node.path] : own.filter((part) => part !== '');
  return {
    object,
    name: [prefix, type, ...path].join('/'),
    inputs: restoreOutputs(object.manifest, title, problems),
  };
}

function refuseEqualNames(planned: readonly Plan[], problems: Problem[]): void {
  const seen = new Map<string, Plan>();
  for (const one of planned) {
    const other = seen.get(one.name);
    seen.set(one.name, one);
    if (other === undefined) continue;
    problems.push({
      path: one.object.apiObject.node.path,
      value: undefined,
      reason: `is the same object as ${other.object.apiObject.node.path}: ${titleOf(one.object)}`,
      mend: 'give one of them another name or namespace, or leave it out',
    });
  }
}

function refuseMissing(needs: Needs, problems: Problem[]): void {
  for (const [apiObject, needed] of needs) {
    for (const other of needed) {
      if (needs.has(other) || bridged.has(other)) continue;
      problems.push({
        path: apiObject.node.path,
        value: undefined,
        reason: `depends on ${other.node.path}, which is in a chart that is not deployed yet`,
        mend: 'make the KubernetesChart of that chart first, or deploy the whole app as one',
      });
    }
  }
}

/** Runs the caller's check; errors become problems, and the warnings come back as text. */
function check(args: KubernetesChartArgs, objects: readonly ChartObject[], problems: Problem[]): string[] {
  const findings = args.check?.(objects.map(({ manifest }) => manifest)) ?? [];
  for (const { severity, rule, object, path, message, fix } of findings) {
    if (severity !== 'error') continue;
    problems.push({
      path: `${object}: ${path}`,
      value: undefined,
      reason: `${message} (${rule})`,
      mend: fix,
    });
  }
  return findings
    .filter(({ severity }) => severity === 'warning')
    .map(({ rule, object, path, message, fix }) => `${object}: ${path}: ${message} (${rule})\n→ ${fix}`);
}

function register(
  { object, name, inputs }: Plan,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const Resource = resourceClass(object.apiObject.apiVersion, object.apiObject.kind);
  const { status: _, ...fields } = inputs;
  // The class passes on the fields it knows; those of newer Kubernetes versions must not get lost.
  const keepAllFields: pulumi.ResourceTransformation = ({ props, opts }) => ({
    props: { ...fields, ...props },
    opts,
  });
  return new Resource(name, fields, pulumi.mergeOptions({ transformations: [keepAllFields] }, options));
}
