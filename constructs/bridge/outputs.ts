import * as pulumi from '@pulumi/pulumi';
import type { IResolver, ResolutionContext } from 'cdk8s';
import { placeholderNumber, placeholderText } from '../contracts';

/** What a placeholder stands for. */
export interface Registered {
  readonly output: pulumi.Output<unknown>;
  /** `text` and `number` where a construct asked for one; `value` for an Output that stood in a prop as it was. */
  readonly as: 'text' | 'number' | 'value';
}

/** What a text or number token may be made of. */
export type Scalar = string | number | boolean;

/**
 * One table a process, even where two copies of this library are loaded: an index that meant two outputs could
 * put one stack's secret into another's manifest.
 */
interface Table {
  readonly entries: Registered[];
  /** Outputs that stand in props, each once, however often a chart is synthesized. */
  readonly known: WeakMap<object, number>;
}
const TABLE: unique symbol = Symbol.for('polypod.bridge.outputs');
const holder: { [TABLE]?: Table } & typeof globalThis = globalThis;
holder[TABLE] ??= { entries: [], known: new WeakMap() };
const { entries, known } = holder[TABLE];

function register(value: pulumi.Input<unknown>, as: Registered['as']): number {
  return entries.push({ output: pulumi.output(value), as }) - 1;
}

/** What was registered under an index; `undefined` for one that was never given out. */
export function registered(index: number): Registered | undefined {
  return entries[index];
}

/**
 * An Output as a `string`, for props of constructs that want one; it may stand inside a longer text, in base64 of
 * a whole value, in `encodeURIComponent`, and in JSON and YAML. The text is a placeholder until the
 * `KubernetesChart` puts the Output back: don't cut it, change its case, compare it or hash it (`contentHash`
 * does that). Secrets stay secret and unknown values unknown.
 *
 * @param value text, or a number or boolean that is to be written as text
 */
export function asString(value: pulumi.Input<Scalar>): string {
  return placeholderText(register(value, 'text'));
}

/**
 * An Output as a `number`, for props of constructs that want one, such as ports and replicas. The number is a
 * placeholder until the `KubernetesChart` puts the Output back: don't compute with it; compute inside `apply`.
 */
export function asNumber(value: pulumi.Input<number>): number {
  return placeholderNumber(register(value, 'number'));
}

/**
 * The value that an Output brought for a token, if it is of the type asked for.
 *
 * @throws Error in place of an `[object Object]` or `undefined` in a manifest
 */
export function scalar(value: unknown, as: Registered['as'], path: string): Scalar {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (as !== 'number' && (typeof value === 'string' || typeof value === 'boolean')) return value;
  const wanted = as === 'number' ? 'a number' : 'a text, number or boolean';
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  throw new Error(`${path}: the Output must be ${wanted}, and came out as ${found}`);
}

/** The fields that every Output has, and so has its copy where cdk8s copies labels or annotations field by field. */
const OUTPUT_FIELDS = new Set(Object.keys(pulumi.output(undefined)));

/**
 * Whether a map is the copy of an Output, or of its placeholder, that was merged with other fields; the Output would
 * replace them.
 */
export function isMergedOutput(value: object): boolean {
  if ('__pulumiOutput' in value) return Object.keys(value).some((key) => !OUTPUT_FIELDS.has(key));
  return isSpelledOut(value) && spelledPlaceholder(value) === undefined;
}

/** The placeholder that cdk8s' generated classes copied as if it were the map, and so character by character. */
export function spelledPlaceholder(value: object): string | undefined {
  if (!isSpelledOut(value)) return undefined;
  const text = Object.values(value).join('');
  return PLACEHOLDER.test(text) ? text : undefined;
}

const PLACEHOLDER = new RegExp(`^${placeholderText(0).replace('0', '\\d+')}$`);

function isSpelledOut(value: object): boolean {
  const length = 3;
  return (
    '0' in value && Object.values(value).slice(0, length).join('') === placeholderText(0).slice(0, length)
  );
}

/** Replaces the Outputs and promises that stand in props as they are by placeholders. */
export class OutputResolver implements IResolver {
  resolve(context: ResolutionContext): void {
    const value: unknown = context.value;
    const isOutput = pulumi.Output.isInstance(value) && !isMergedOutput(value);
    if (!isOutput && !(value instanceof Promise)) return;
    let index = known.get(value);
    if (index === undefined) {
      index = register(value, 'value');
      known.set(value, index);
    }
    context.replaceValue(placeholderText(index));
  }
}
