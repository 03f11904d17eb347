import * as pulumi from '@pulumi/pulumi';
import type { JsonObject, JsonValue } from '../checks';
import { placeholderIndex, placeholderNumber, placeholderText } from '../contracts';
import { registered, scalar } from './outputs';
import { fillText, scanText } from './text';

/**
 * A manifest without faults as resource arguments: each placeholder replaced by its Output at the very leaf, the
 * rest as it was.
 *
 * @param object how messages name the object
 */
export function restoreOutputs(manifest: JsonObject, object: string): pulumi.Inputs {
  return Object.fromEntries(
    Object.entries(manifest).map(([key, value]) => [key, restore(value, `${object}: ${key}`)]),
  );
}

function restore(value: JsonValue, path: string): pulumi.Input<unknown> {
  if (typeof value === 'string') return restoreText(value, path);
  if (typeof value === 'number') return restoreNumber(value, path);
  if (Array.isArray(value)) return value.map((item, index) => restore(item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, restore(item, `${path}.${key}`)]),
  );
}

function restoreText(text: string, path: string): pulumi.Input<unknown> {
  const { indexes } = scanText(text);
  const sources = indexes.flatMap((index) => registered(index) ?? []);
  const [source] = sources;
  if (source === undefined) return text;
  if (source.as === 'value' && text === placeholderText(indexes[0] ?? -1)) {
    return source.output.apply(canonical);
  }
  return pulumi.all(sources.map(({ output }) => output)).apply((values) => {
    const byIndex = new Map(sources.map(({ as }, at) => [indexes[at], scalar(values[at], as, path)]));
    return fillText(text, (index) => byIndex.get(index) ?? '');
  });
}

function restoreNumber(value: number, path: string): pulumi.Input<unknown> {
  const index = placeholderIndex(value);
  const source = index === undefined || value !== placeholderNumber(index) ? undefined : registered(index);
  return source?.as === 'number' ? source.output.apply((number) => scalar(number, 'number', path)) : value;
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
