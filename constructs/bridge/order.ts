import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { listAt, textAt } from '../checks/json';
import type { Problem } from '../contracts';
import { apiObjectsOf, type ChartObject } from './chart-object';

/** For each object, those that must be there before it. */
export type Needs = Map<ApiObject, Set<ApiObject>>;

/**
 * The objects in an order that they can be created in, each with what it needs: what its constructs depend on
 * (`node.addDependency`, `chart.addDependency`), and, where these are in the same chart, the Namespace it lives
 * in, the CustomResourceDefinition of its kind and the StorageClass of its claims.
 *
 * @param problems takes dependencies that go round in a circle
 */
export function orderObjects(scope: IConstruct, objects: readonly ChartObject[], problems: Problem[]): Needs {
  const needs: Needs = new Map(objects.map(({ apiObject }) => [apiObject, new Set()]));
  for (const construct of scope.node.findAll()) {
    for (const dependency of construct.node.dependencies) {
      const sources = new Set(apiObjectsOf(construct));
      const targets = new Set(apiObjectsOf(dependency));
      for (const source of sources) {
        // Where one construct lies in the other, what they share needs nothing of itself.
        if (targets.has(source)) continue;
        for (const target of targets) if (!sources.has(target)) needs.get(source)?.add(target);
      }
    }
  }
  addImplicitNeeds(objects, needs);
  return sort(needs, problems);
}

function addImplicitNeeds(objects: readonly ChartObject[], needs: Needs): void {
  const providers = new Map<string, ApiObject>();
  for (const object of objects) {
    const key = provides(object);
    if (key !== undefined) providers.set(key, object.apiObject);
  }
  for (const object of objects) {
    for (const key of requires(object)) {
      const provider = providers.get(key);
      if (provider === undefined || provider === object.apiObject) continue;
      // Where the chart says that the provider comes later, the chart is right.
      if (!isNeeded(object.apiObject, provider, needs)) needs.get(object.apiObject)?.add(provider);
    }
  }
}

function provides({ manifest }: ChartObject): string | undefined {
  const name = textAt(manifest, 'metadata', 'name');
  switch (`${manifest.apiVersion}/${manifest.kind}`) {
    case 'v1/Namespace':
      return `Namespace ${name}`;
    case 'storage.k8s.io/v1/StorageClass':
      return `StorageClass ${name}`;
    case 'apiextensions.k8s.io/v1/CustomResourceDefinition':
      return `kind ${textAt(manifest, 'spec', 'group')}/${textAt(manifest, 'spec', 'names', 'kind')}`;
    default:
      return undefined;
  }
}

function requires({ apiObject, manifest }: ChartObject): string[] {
  const claims =
    apiObject.kind === 'StatefulSet' ? listAt(manifest, 'spec', 'volumeClaimTemplates') : [manifest];
  const classes = claims.map((claim) => textAt(claim, 'spec', 'storageClassName'));
  return [
    `Namespace ${textAt(manifest, 'metadata', 'namespace')}`,
    `kind ${apiObject.apiGroup}/${apiObject.kind}`,
    ...classes.map((name) => `StorageClass ${name}`),
  ];
}

/** Whether `start` needs `object`, itself or through others. */
function isNeeded(object: ApiObject, start: ApiObject, needs: Needs): boolean {
  const seen = new Set([start]);
  for (const current of seen) for (const next of needs.get(current) ?? []) seen.add(next);
  return seen.has(object);
}

function sort(needs: Needs, problems: Problem[]): Needs {
  const sorted: Needs = new Map();
  const path: ApiObject[] = [];
  const visit = (object: ApiObject): void => {
    const needed = needs.get(object);
    if (needed === undefined || sorted.has(object)) return;
    const start = path.indexOf(object);
    if (start >= 0) {
      const circle = [...path.slice(start), object].map(({ node }) => node.path);
      problems.push({
        path: object.node.path,
        value: undefined,
        reason: `needs itself: ${circle.join(' → ')}`,
        mend: 'remove one of these dependencies',
      });
      return;
    }
    path.push(object);
    needed.forEach(visit);
    path.pop();
    sorted.set(object, needed);
  };
  for (const object of needs.keys()) visit(object);
  return sorted;
}
