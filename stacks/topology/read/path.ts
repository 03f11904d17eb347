/** The keys from the root of a document to a field. */
export type FieldKeys = readonly PropertyKey[];

/** A path as one would write it: `models[0].source`, `labels["example.com/team"]`. */
export function formatPath(keys: FieldKeys): string {
  let path = '';
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`;
    else if (/^[\w$-]+$/.test(String(key))) path += `${path === '' ? '' : '.'}${String(key)}`;
    else path += `[${JSON.stringify(String(key))}]`;
  }
  return path;
}

/** The keys of a path that {@link formatPath} wrote. */
export function parsePath(path: string): FieldKeys {
  const keys: PropertyKey[] = [];
  for (const [, index, quoted, name] of path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)) {
    if (index !== undefined) keys.push(Number(index));
    else keys.push(quoted === undefined ? (name ?? '') : String(JSON.parse(quoted)));
  }
  return keys;
}

/** Whether one path is the other, or leads to it. */
export function overlaps(one: FieldKeys, other: FieldKeys): boolean {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}
