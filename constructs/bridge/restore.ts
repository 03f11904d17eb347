import * as pulumi from '@pulumi/pulumi';
import type { JsonObject, JsonValue } from '../checks/kubernetes-object';
import {
  isMangledPlaceholder,
  isPlaceholder,
  type Problem,
  placeholderIndex,
  placeholderNumber,
  placeholderText,
} from '../contracts';
import { type Registered, registered, type Scalar } from './outputs';
import { fillText, holdsEncodedPlaceholder, inBase64, scanText } from './text';

/**
 * A manifest as resource arguments: each placeholder replaced by its Output at the very leaf, the rest as it was.
 *
 * @param object how messages name the object
 * @param problems takes what can't be put back
 */
export function restoreOutputs(manifest: JsonObject, object: string, problems: Problem[]): pulumi.Inputs {
  const report = (path: string, value: unknown, reason: string, mend: string) =>
    problems.push({ path: `${object}: ${path}`, value, reason, mend });

  const restore = (value: JsonValue, path: string): pulumi.Input<unknown> => {
    if (Array.isArray(value)) return value.map((item, index) => restore(item, `${path}[${index}]`));
    if (typeof value === 'object' && value !== null) {
      const result: pulumi.Inputs = {};
      for (const [key, item] of Object.entries(value)) {
        const itemPath = fieldPath(path, key);
        const fault = faultOfText(key) ?? (isPlaceholder(key) ? PLACEHOLDER_KEY : undefined);
        if (fault) report(itemPath, undefined, ...fault);
        else result[key] = restore(item, itemPath);
      }
      return result;
    }
    if (typeof value === 'string') return restoreText(value, path);
    if (typeof value === 'number') return restoreNumber(value, path);
    return value;
  };

  const restoreText = (text: string, path: string): pulumi.Input<unknown> => {
    const { indexes, rest } = scanText(text);
    const fault = faultOfText(rest);
    if (fault) {
      report(path, text, ...fault);
      return text;
    }
    if (indexes.length === 0) return text;
    const sources = indexes.flatMap((index) => registered(index) ?? []);
    if (sources.length < indexes.length) {
      report(path, text, ...UNKNOWN_OUTPUT);
      return text;
    }
    const where = `${object}: ${path}`;
    const [source] = sources;
    if (source?.as === 'value' && text === placeholderText(indexes[0] ?? -1))
      return source.output.apply(canonical);
    return pulumi.all(sources.map(({ output }) => output)).apply((values) => {
      const byIndex = new Map(indexes.map((index, at) => [index, scalar(values[at], sources[at], where)]));
      return fillText(text, (index) => byIndex.get(index) ?? '');
    });
  };

  const restoreNumber = (value: number, path: string): pulumi.Input<unknown> => {
    const index = placeholderIndex(value) ?? -1;
    const source = registered(index);
    if (source?.as !== 'number') return value;
    if (value === placeholderNumber(index)) {
      return source.output.apply((number) => scalar(number, source, `${object}: ${path}`));
    }
    report(path, undefined, ...COMPUTED_NUMBER);
    return value;
  };

  return Object.fromEntries(Object.entries(manifest).map(([key, value]) => [key, restore(value, key)]));
}

type Fault = readonly [reason: string, mend: string];

const PLACEHOLDER_KEY: Fault = [
  'the name of a field is an Output; names must be known before anything is created',
  'give the field a fixed name, and keep the Output for its value',
];
const UNKNOWN_OUTPUT: Fault = [
  'a placeholder that this program did not give out',
  'make it by asString or asNumber in the same program, and never store one',
];
const COMPUTED_NUMBER: Fault = [
  'a number that was computed from the placeholder of an Output',
  'compute inside the Output, and hand in the result: asNumber(output.apply((n) => n + 1))',
];
const TO_STRING: Fault = [
  'an Output was turned into text, so this is an error message of Pulumi and not the value',
  'write asString(output) inside template literals and JSON, or build the text with pulumi.interpolate',
];
const MANGLED: Fault = [
  'the placeholder of an Output was cut, re-cased or encoded, so that the value can no longer be put in its place',
  'change the value inside the Output: asString(output.apply((text) => …))',
];

/** However it was cut, re-cased or stripped. */
const TO_STRING_TEXT = /calling[^a-z]*to(string|json)[^a-z]*on[^a-z]*an[^a-z]*output/i;
const ENCODED_TO_STRING = [...inBase64('Calling [toString]'), ...inBase64('Calling [toJSON]')];

/** Why a text can't be right that still holds, after all placeholders are filled, what an Output became. */
function faultOfText(text: string): Fault | undefined {
  if (TO_STRING_TEXT.test(text) || ENCODED_TO_STRING.some((part) => text.includes(part))) return TO_STRING;
  if (isMangledPlaceholder(text) || holdsEncodedPlaceholder(text)) return MANGLED;
  return undefined;
}

/** The value of a token, of the type that it was asked for; an error in place of `[object Object]` or `undefined`. */
function scalar(value: unknown, source: Registered | undefined, where: string): Scalar {
  if (source?.as === 'number' && typeof value === 'number' && Number.isFinite(value)) return value;
  if (
    source?.as !== 'number' &&
    (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
  ) {
    return source?.as === 'text' ? String(value) : value;
  }
  const wanted = source?.as === 'number' ? 'a number' : 'a text, number or boolean';
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  throw new Error(`${where}: the Output must be ${wanted}, and came out as ${found}`);
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

function fieldPath(parent: string, key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}
