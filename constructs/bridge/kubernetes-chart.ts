import * as pulumi from '@pulumi/pulumi';
import { type ApiObject, App, type Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { checkManifests, type JsonObject } from '../checks';
import { textAt } from '../checks/json';
import { InvalidInputError, isPlaceholder, type Problem } from '../contracts';
import { apiObjectsOf, type ChartObject, titleOf } from './chart-object';
import { isBuiltInKind } from './kinds';
import { type Needs, orderObjects } from './order';
import { OutputResolver } from './outputs';
import { register } from './register';
import { resourceOptions } from './resource-options';
import { readManifest } from './restore';

/** What a check found, as the rules of `polypod check` report it. */
export interface CheckFinding {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  /** The object whose field must change; the namespace is empty for what belongs to none. */
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string };
  /** Path of that field. */
  readonly path: string;
  /** What will go wrong. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
}

/** Looks at manifests, with placeholders where Outputs go, and says what is wrong with them. */
export type Check = (manifests: readonly JsonObject[]) => readonly CheckFinding[];

/** The chart to deploy, and how its objects become resources. */
export interface KubernetesChartArgs {
  /** The chart, or an app with all its charts. Charts nested in it come along. */
  readonly chart: Chart | App;
  /**
   * Looks at the synthesized manifests before anything is created. Errors stop the deployment, all together;
   * warnings are logged. `false` checks nothing.
   * @default the rules of `polypod check`
   */
  readonly check?: Check | false;
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
 * group (`Certificate.cert-manager.io`). So an object keeps its resource until it gets another name or namespace,
 * whatever else comes into the chart or goes. The provider, and all options that Pulumi hands on to children, come from the component's.
 *
 * @throws InvalidInputError with all reasons together, before any resource is registered: an Output that was turned
 * into text by accident, a placeholder that can't be put back, two objects of one name, dependencies in a circle,
 * errors of the check
 */
export class KubernetesChart extends pulumi.ComponentResource {
  private readonly resources = new Map<ApiObject, pulumi.CustomResource>();

  constructor(name: string, args: KubernetesChartArgs, options: pulumi.ComponentResourceOptions = {}) {
    const problems: Problem[] = [];
    const objects = synthesize(args.chart, problems);
    const planned = plan(name, objects, args, problems);
    const needs = orderObjects(args.chart, objects, problems);
    refuseMissing(needs, problems);
    const warnings = runCheck(args.check, objects, problems);
    if (problems.length > 0) throw new InvalidInputError(args.chart.node.path || name, problems);

    super('polypod:kubernetes:Chart', name, {}, options);
    for (const warning of warnings) void pulumi.log.warn(warning, this);
    for (const [apiObject, needed] of needs) {
      const one = planned.get(apiObject);
      if (one === undefined) continue;
      const dependsOn = [...needed].flatMap((other) => this.resources.get(other) ?? bridged.get(other) ?? []);
      const options = pulumi.mergeOptions({ parent: this, dependsOn }, one.options);
      const resource = register(apiObject, one.name, one.inputs(), options);
      this.resources.set(apiObject, resource);
      bridged.set(apiObject, resource);
    }
    this.registerOutputs({});
  }

  /**
   * The resource that an API object of the chart became: for its outputs, such as a load balancer's address, or to
   * depend on it.
   *
   * @throws Error for an object that is not in the chart
   */
  resourceOf(apiObject: ApiObject): pulumi.CustomResource {
    const resource = this.resources.get(apiObject);
    if (resource === undefined)
      throw new Error(`${apiObject.node.path} is not in the chart that was deployed`);
    return resource;
  }
}

/** An object with what its resource is registered with. */
interface Plan {
  readonly name: string;
  readonly inputs: () => pulumi.Inputs;
  readonly options: pulumi.CustomResourceOptions;
}

function synthesize(chart: Chart | App, problems: Problem[]): ChartObject[] {
  const report = ({ node }: IConstruct, reason: string) =>
    problems.push({ path: node.path, value: undefined, reason, mend: 'mend what this construct was given' });

  for (const construct of chart.node.findAll()) {
    for (const error of construct.node.validate()) report(construct, error);
  }
  const { resolvers } = App.of(chart);
  resolvers.unshift(new OutputResolver());
  try {
    return apiObjectsOf(chart).flatMap((apiObject) => {
      try {
        return { apiObject, manifest: apiObject.toJson() };
      } catch (error) {
        report(apiObject, error instanceof Error ? error.message : String(error));
        return [];
      }
    });
  } finally {
    // A plain synth of the same app must not write placeholders into its files.
    resolvers.shift();
  }
}

function plan(
  prefix: string,
  objects: readonly ChartObject[],
  args: KubernetesChartArgs,
  problems: Problem[],
): Map<ApiObject, Plan> {
  const ownOptions = resourceOptions(objects, args.retainData ?? true);
  const planned = new Map<ApiObject, Plan>();
  const byName = new Map<string, ApiObject>();
  for (const object of objects) {
    const { apiObject, manifest } = object;
    const title = titleOf(object);
    problems.push(...faultsOfKind(object, title));
    const inputs = readManifest(manifest, title, problems);
    const name = `${prefix}/${resourceName(object)}`;
    const other = byName.get(name);
    if (other !== undefined) {
      problems.push({
        path: apiObject.node.path,
        value: undefined,
        reason: `is the same object as ${other.node.path}: ${title}`,
        mend: 'give one of them another name or namespace, or leave it out',
      });
    }
    byName.set(name, apiObject);
    const options = pulumi.mergeOptions(ownOptions(object), args.resourceOptions?.(object));
    planned.set(apiObject, { name, inputs, options });
  }
  return planned;
}

function faultsOfKind({ apiObject, manifest }: ChartObject, title: string): Problem[] {
  const { apiVersion, kind } = apiObject;
  if (isPlaceholder(kind) || isPlaceholder(apiVersion)) {
    const reason = 'the kind of an object must be known before anything is created';
    return [
      { path: `${title}: kind`, value: undefined, reason, mend: 'write apiVersion and kind as literals' },
    ];
  }
  if (kind.endsWith('List') && Array.isArray(manifest.items)) {
    const reason = 'a list holds many objects, and a resource is one';
    return [{ path: `${title}: kind`, value: kind, reason, mend: 'give each item as an object of its own' }];
  }
  return [];
}

/** `<Kind>/<namespace>/<name>`; where these are Outputs, the construct's path stands for them. */
function resourceName({ apiObject, manifest }: ChartObject): string {
  const { apiVersion, kind, apiGroup, node } = apiObject;
  const type = isBuiltInKind(apiVersion, kind) ? kind : `${kind}.${apiGroup}`;
  const path = ['namespace', 'name'].flatMap((field) => textAt(manifest, 'metadata', field) ?? []);
  return [type, ...(path.some(isPlaceholder) ? [node.path] : path)].join('/');
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

/** Errors become problems; the warnings come back as text. */
function runCheck(
  check: Check | false = defaultCheck,
  objects: readonly ChartObject[],
  problems: Problem[],
): string[] {
  const warnings: string[] = [];
  const findings = check === false ? [] : check(objects.map(({ manifest }) => manifest));
  for (const { severity, rule, object, path, message, fix } of findings) {
    const where = `${object.kind} ${object.namespace && `${object.namespace}/`}${object.name}: ${path}`;
    const reason = `${message} (${rule})`;
    if (severity === 'error') problems.push({ path: where, value: undefined, reason, mend: fix });
    else warnings.push(`${where}: ${reason}\n→ ${fix}`);
  }
  return warnings;
}

const defaultCheck: Check = (manifests) => checkManifests(manifests).findings;
