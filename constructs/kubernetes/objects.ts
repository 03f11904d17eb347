import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { InvalidInputError, type Problem } from '../contracts';
import { type Manifest, override, type Patch } from './overrides';

/** Patches for the objects that a construct makes, by the name of the construct's field that holds the object. */
export type Overrides<Key extends string = string> = { readonly [K in Key]?: Patch };

type Manifests = Readonly<Record<string, Manifest | undefined>>;
type Made<M extends Manifests> = {
  readonly [K in keyof M]: undefined extends M[K] ? ApiObject | undefined : ApiObject;
};

/** Kinds without a namespace, of those that constructs here make. cdk8s would write the chart's on them. */
const CLUSTER_SCOPED = new Set(['StorageClass', 'PriorityClass', 'Namespace', 'GatewayClass']);

/**
 * Makes a construct's objects, with the user's overrides merged in. The key of a manifest is the object's id in
 * the construct tree and its name in `overrides`; `undefined` stands for an object that is not made this time.
 *
 * Throws an {@link InvalidInputError} with all `problems` (those found in the props before) and all overrides
 * that would have no effect. Then nothing is made.
 */
export function makeObjects<const M extends Manifests>(
  scope: Construct,
  manifests: M,
  overrides: Overrides = {},
  problems: readonly Problem[] = [],
): Made<M> {
  const all = [...problems];
  const patched: [string, Manifest | undefined][] = Object.entries(manifests).map(([key, manifest]) => {
    const patch = overrides[key];
    return [key, manifest && patch ? override(manifest, patch, `overrides.${key}`, all) : manifest];
  });
  for (const [key, patch] of Object.entries(overrides)) {
    if (manifests[key] !== undefined && patch !== undefined) continue;
    const made = Object.keys(manifests).filter((name) => manifests[name] !== undefined);
    all.push({
      path: `overrides.${key}`,
      value: patch,
      reason:
        patch === undefined
          ? 'is undefined, which would change nothing'
          : 'is for an object that is not made here',
      mend: `remove it, or choose one of: ${made.join(', ')}`,
    });
  }
  throwProblems(scope, all);
  return Object.fromEntries(
    patched.map(([key, manifest]) => [key, manifest && makeObject(scope, key, manifest)]),
  ) as Made<M>;
}

/** Throws all problems of a construct's props together, named by the construct's path. */
export function throwProblems(scope: Construct, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InvalidInputError(scope.node.path, problems);
}

function makeObject(scope: Construct, id: string, manifest: Manifest): ApiObject {
  const object = new ApiObject(scope, id, { ...manifest });
  if (CLUSTER_SCOPED.has(manifest.kind) && Chart.of(scope).namespace !== undefined) {
    object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  }
  return object;
}
