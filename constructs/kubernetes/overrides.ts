import type { Problem } from '../contracts';

/**
 * A partial manifest, merged into an object that a construct makes. Any field of any API version may stand here.
 *
 * - Maps merge, scalars replace, `null` deletes a field.
 * - Lists whose items all have a `name` (containers, env, volumes, ports …) merge by it, `volumeMounts` by
 *   `mountPath`, `topologySpreadConstraints` by `topologyKey`; a new name is appended, and an item with
 *   `$patch: 'delete'` is removed. Every other list is replaced as a whole.
 * - What can't take effect is an error: `undefined`, deleting what is not there, an empty map over a map, a map
 *   where the object has a scalar or a list (or the other way round), another kind or name.
 */
export type Patch = Readonly<Record<string, unknown>>;

/** A manifest as constructs write it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string } & Readonly<Record<string, unknown>>;
  /** `spec`, `data`, and whatever else the kind has. */
  readonly [field: string]: unknown;
}

type Json = Readonly<Record<string, unknown>>;

/** Merges a patch into a manifest. Problems are appended to `problems`, with paths below `path`. */
export function override(manifest: Manifest, patch: Patch, path: string, problems: Problem[]): Manifest {
  const merged = mergeMap(manifest, patch, path, problems) as Json & Manifest;
  if (merged.kind !== manifest.kind) {
    problems.push(fixed(`${path}.kind`, merged.kind, `another kind than ${manifest.kind}`));
  }
  if (merged.metadata?.name !== manifest.metadata.name) {
    problems.push(
      fixed(`${path}.metadata.name`, merged.metadata?.name, 'a name that other objects do not refer to'),
    );
  }
  return merged;
}

function fixed(path: string, value: unknown, what: string): Problem {
  return { path, value, reason: `gives the object ${what}`, mend: "use the construct's own props for this" };
}

/** The field by which items of a list are told apart, or `undefined` for a list that is replaced as a whole. */
function itemKey(field: string, items: readonly unknown[]): string | undefined {
  const key = { volumeMounts: 'mountPath', topologySpreadConstraints: 'topologyKey' }[field] ?? 'name';
  return items.length > 0 && items.every((item) => isMap(item) && typeof item[key] === 'string')
    ? key
    : undefined;
}

function mergeMap(base: Json, patch: Json, path: string, problems: Problem[]): Record<string, unknown> {
  const result: Record<string, unknown> = { ...base };
  for (const [field, value] of Object.entries(patch)) {
    const at = /^[A-Za-z_$][\w$]*$/.test(field) ? `${path}.${field}` : `${path}[${JSON.stringify(field)}]`;
    const merged = mergeValue(base[field], value, field, at, problems);
    if (merged === undefined) delete result[field];
    else result[field] = merged;
  }
  return result;
}

/** The merged value; `undefined` where there shall be none. */
function mergeValue(base: unknown, patch: unknown, field: string, at: string, problems: Problem[]): unknown {
  const refuse = (reason: string, mend: string): unknown => {
    problems.push({ path: at, value: patch, reason, mend });
    return base;
  };
  if (patch === undefined)
    return refuse('is undefined, which would change nothing', 'give a value, or null to delete');
  if (patch === null) {
    return base === undefined
      ? refuse('deletes a field that is not there', 'remove it, or correct its path')
      : undefined;
  }
  if (base === undefined) return withoutGaps(patch, at, problems);
  if (shape(base) !== shape(patch)) {
    return refuse(`is a ${shape(patch)} where the object has a ${shape(base)}`, `write a ${shape(base)}`);
  }
  if (isMap(base) && isMap(patch)) {
    if (Object.keys(patch).length === 0) {
      return refuse('is empty, which would change nothing', 'name a field, or write null to delete the map');
    }
    return mergeMap(base, patch, at, problems);
  }
  if (Array.isArray(base) && Array.isArray(patch)) {
    const key = itemKey(field, [...base, ...patch]);
    return key === undefined ? withoutGaps(patch, at, problems) : mergeItems(base, patch, key, at, problems);
  }
  return patch;
}

function mergeItems(
  base: readonly Json[],
  patch: readonly Json[],
  key: string,
  path: string,
  problems: Problem[],
) {
  const result: (Json | undefined)[] = [...base];
  for (const item of patch) {
    const at = `${path}[${key}=${String(item[key])}]`;
    const index = result.findIndex((candidate) => candidate?.[key] === item[key]);
    const found = result[index];
    const { $patch, ...fields } = item;
    if ($patch !== undefined && $patch !== 'delete') {
      problems.push({
        path: at,
        value: $patch,
        reason: 'is no directive known here',
        mend: "only $patch: 'delete' is",
      });
    } else if ($patch === 'delete') {
      if (found === undefined) {
        problems.push({
          path: at,
          value: undefined,
          reason: 'deletes an item that is not there',
          mend: `remove it, or choose one of: ${result.map((one) => String(one?.[key])).join(', ')}`,
        });
      }
      if (index >= 0) result.splice(index, 1);
    } else if (found === undefined) {
      result.push(withoutGaps(item, at, problems) as Json);
    } else if (Object.keys(fields).length < 2) {
      problems.push({ path: at, value: item, reason: 'changes nothing', mend: 'name a field to change' });
    } else {
      result[index] = mergeMap(found, fields, at, problems);
    }
  }
  return result;
}

/** A value that is new as a whole: `null` and `undefined` inside it would be dropped when it is written. */
function withoutGaps(value: unknown, at: string, problems: Problem[]): unknown {
  if (value === undefined || value === null) {
    problems.push({ path: at, value, reason: `is ${value}, which would be dropped`, mend: 'leave it out' });
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      withoutGaps(item, `${at}[${index}]`, problems);
    });
  } else if (isMap(value)) {
    for (const [field, inner] of Object.entries(value)) withoutGaps(inner, `${at}.${field}`, problems);
  }
  return value;
}

function shape(value: unknown): 'map' | 'list' | 'scalar' {
  if (Array.isArray(value)) return 'list';
  return isMap(value) ? 'map' : 'scalar';
}

/** Only plain objects are maps: a Pulumi Output or a cdk8s token is a value that is filled in later. */
function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
