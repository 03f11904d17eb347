import * as pulumi from '@pulumi/pulumi';
import type { JsonObject, JsonValue } from '../checks';
import { pathTo } from '../checks/json';
import { type Problem, placeholderIndex, placeholderText } from '../contracts';
import { type Fault, faultOfKey, faultOfMap, faultOfNumber, faultOfText } from './faults';
import { registered, scalar, spelledPlaceholder } from './outputs';
import { fillText, scanText } from './text';

/** Makes the resource arguments; no Output is touched before. */
type Restore = () => pulumi.Input<unknown>;

/**
 * Reads a manifest, and gives what makes it resource arguments: each placeholder replaced by its Output at the very
 * leaf, the rest as it was.
 *
 * @param object how messages name the object
 * @param problems takes every place where an Output went a way that it can't come back from
 */
export function readManifest(manifest: JsonObject, object: string, problems: Problem[]): () => pulumi.Inputs {
  // Without the value: it may hold a secret, and the name of the field says enough.
  const report = (path: string, fault: Fault | undefined) => {
    if (fault) problems.push({ path: `${object}: ${path}`, value: undefined, ...fault });
  };

  const readMap = (map: JsonObject, path: string): (() => pulumi.Inputs) => {
    const fault = faultOfMap(map);
    report(path, fault);
    if (fault) return () => map;
    const fields = Object.entries(map).map(([key, item]): [string, Restore] => {
      const itemPath = pathTo(path, key);
      report(itemPath, faultOfKey(key));
      return [key, read(item, itemPath)];
    });
    return () => Object.fromEntries(fields.map(([key, restore]) => [key, restore()]));
  };

  const read = (value: JsonValue, path: string): Restore => {
    if (typeof value === 'string') {
      const scan = scanText(value);
      report(path, faultOfText(scan));
      return scan.indexes.length === 0
        ? () => value
        : () => restoreText(value, scan.indexes, `${object}: ${path}`);
    }
    if (typeof value === 'number') {
      report(path, faultOfNumber(value));
      return () => restoreNumber(value, `${object}: ${path}`);
    }
    if (Array.isArray(value)) {
      const items = value.map((item, index) => read(item, pathTo(path, index)));
      return () => items.map((restore) => restore());
    }
    if (typeof value !== 'object' || value === null) return () => value;
    const spelled = spelledPlaceholder(value);
    return spelled === undefined ? readMap(value, path) : read(spelled, path);
  };

  return readMap(manifest, '');
}

function restoreText(text: string, indexes: readonly number[], where: string): pulumi.Input<unknown> {
  const sources = indexes.flatMap((index) => registered(index) ?? []);
  const [source] = sources;
  if (source?.as === 'value' && text === placeholderText(indexes[0] ?? -1)) {
    return source.output.apply(canonical);
  }
  return pulumi.all(sources.map(({ output }) => output)).apply((values) => {
    const byIndex = new Map(sources.map(({ as }, at) => [indexes[at], scalar(values[at], as, where)]));
    return fillText(text, (index) => byIndex.get(index));
  });
}

function restoreNumber(value: number, where: string): pulumi.Input<unknown> {
  const source = registered(placeholderIndex(value) ?? -1);
  return source?.as === 'number' ? source.output.apply((number) => scalar(number, 'number', where)) : value;
}

/** What an Output brought, in the order of keys that cdk8s writes, and without what is missing. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined && item !== null)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => [key, canonical(item)]),
  );
}
