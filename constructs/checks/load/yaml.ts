import {
  CORE_SCHEMA,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  loadAll,
  mapTag,
  mergeTag,
  YAMLException,
} from 'js-yaml';
import type { JsonValue } from '../kubernetes-object';

/** Kubernetes never nests deeper than about 30 (CRD schemas); deeper input is an attack or an accident. */
const MAX_DEPTH = 200;
/** Values that a document may have beyond the length of its text, once aliases are written out. A bomb has billions. */
const MAX_VALUES_THROUGH_ALIASES = 1_000_000;

const never = () => false;

/** Tags of other programs (`!Ref`, `!!python/name:…`) read as what they tag; such a file holds no manifest. */
const foreignTags = ['!', 'tag:'].flatMap((prefix) => [
  defineScalarTag<string>(prefix, { matchByTagPrefix: true, resolve: (text) => text, identify: never }),
  defineSequenceTag<unknown[]>(prefix, {
    matchByTagPrefix: true,
    create: () => [],
    addItem: (list, item) => {
      list.push(item);
    },
    identify: never,
  }),
  defineMappingTag<Record<string, unknown>>(prefix, { ...mapTag, matchByTagPrefix: true, identify: never }),
]);

const schema = CORE_SCHEMA.withTags(mergeTag, ...foreignTags);

/** What is wrong with a text that should be YAML, and where in it: line from 1, column from 1. */
export interface YamlFault {
  readonly reason: string;
  readonly line: number;
  readonly column: number;
}

/** Parses one document. A key that stands twice is a fault, yet the value is there: the last one counts. */
export function parseYaml(text: string): { value?: JsonValue; faults: YamlFault[] } {
  const faults: YamlFault[] = [];
  let value = parse(text, false, faults);
  if (faults[0]?.reason.startsWith('duplicated mapping key')) value = parse(text, true, []);
  if (value !== undefined && mayHoldAliases(text)) {
    const reason = aliasFault(value, text.length);
    if (reason) return { faults: [{ reason, line: 1, column: 1 }] };
  }
  return { value, faults };
}

/** Parses JSON, or `undefined` where it is none: YAML, which contains JSON, then says what is wrong. */
export function parseJson(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return isDeeper(value, MAX_DEPTH) ? undefined : value;
  } catch {
    return undefined;
  }
}

function parse(text: string, lastKeyCounts: boolean, faults: YamlFault[]): JsonValue {
  try {
    const [value] = loadAll(text, { schema, maxDepth: MAX_DEPTH, json: lastKeyCounts });
    return value as JsonValue;
  } catch (error) {
    if (error instanceof YAMLException) {
      const { line = 0, column = 0 } = error.mark ?? {};
      faults.push({ reason: REASONS[error.reason] ?? error.reason, line: line + 1, column: column + 1 });
    } else {
      faults.push({ reason: String(error), line: 1, column: 1 });
    }
    return undefined;
  }
}

/** Where the parser's words are about itself. */
const REASONS: Readonly<Record<string, string>> = {
  'object-based map does not support complex keys':
    'a key is a map or a list, which JSON and Kubernetes cannot hold',
  [`nesting exceeded maxDepth (${MAX_DEPTH})`]: `it nests deeper than ${MAX_DEPTH} levels`,
};

function mayHoldAliases(text: string): boolean {
  return text.includes('&') && /(?:^|[\s[{,:-])\*[^\s,[\]{}]/m.test(text);
}

/**
 * Why a value that aliases made can't be walked: it contains itself, or is far bigger or deeper than its text.
 * Each shared part is measured once.
 */
function aliasFault(root: JsonValue, textLength: number): string | undefined {
  const limit = MAX_VALUES_THROUGH_ALIASES + textLength;
  const measured = new Map<object, { size: number; height: number }>();
  const open = new Set<object>();
  let fault: string | undefined;
  const measure = (value: JsonValue): { size: number; height: number } => {
    if (typeof value !== 'object' || value === null || fault) return { size: 1, height: 1 };
    const known = measured.get(value);
    if (known) return known;
    if (open.has(value)) {
      fault = 'an anchor contains an alias of itself';
      return { size: 1, height: 1 };
    }
    open.add(value);
    const total = { size: 1, height: 1 };
    for (const child of Array.isArray(value) ? value : Object.values(value)) {
      const part = measure(child);
      total.size += part.size;
      total.height = Math.max(total.height, part.height + 1);
    }
    open.delete(value);
    measured.set(value, total);
    if (total.size > limit) fault ??= `aliases multiply it to more than ${limit} values`;
    if (total.height > MAX_DEPTH) fault ??= `aliases nest it deeper than ${MAX_DEPTH} levels`;
    return total;
  };
  measure(root);
  return fault;
}

function isDeeper(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const children = Array.isArray(value) ? value : Object.values(value);
  return children.some((child) => isDeeper(child, levels - 1));
}
