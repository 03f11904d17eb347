import { Yaml } from 'cdk8s';
import type { JsonObject, JsonValue } from '../constructs/checks';

/**
 * Manifests as YAML, byte for byte as `Yaml.stringify` of cdk8s writes them. That one models each scalar before it
 * writes it, which is a fifth of the time of a whole `polypod synth`; so what is plain is written here, and only
 * what is not (texts of several lines or with signs of YAML in them) is left to it.
 */
export function manifestYaml(manifests: readonly JsonObject[]): string {
  return manifests.map((manifest) => document(manifest)).join('---\n');
}

function document(manifest: JsonObject): string {
  return isBlock(manifest) && isPlain(manifest, new Set())
    ? `${block(manifest, '')}\n`
    : Yaml.stringify(manifest);
}

/** Whether it is a tree of maps and lists with plain keys: one that is in it twice would become an alias. */
function isPlain(value: JsonValue, seen: Set<object>): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'object' || value === null) return true;
  if (seen.has(value)) return false;
  seen.add(value);
  if (Array.isArray(value)) return value.every((item) => isPlain(item, seen));
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.entries(value).every(([key, item]) => isPlainText(key) && isPlain(item, seen))
  );
}

/** The lines of a map or list that is not empty; the first one without its indentation. */
function block(value: JsonObject | JsonValue[], indent: string): string {
  const lines = Array.isArray(value)
    ? value.map((item) =>
        isBlock(item) ? `- ${block(item, `${indent}  `)}` : (scalar('- ', item) ?? hard([item], indent)),
      )
    : Object.entries(value).map(([key, item]) =>
        isBlock(item)
          ? `${key}:\n${indent}  ${block(item, `${indent}  `)}`
          : (scalar(`${key}: `, item) ?? hard({ [key]: item }, indent)),
      );
  return lines.join(`\n${indent}`);
}

function isBlock(value: JsonValue): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** `undefined` where it is not plain. */
function scalar(prefix: string, value: JsonValue): string | undefined {
  if (typeof value === 'string') {
    if (isPlainText(value)) return prefix + value;
    return /^\d+$/.test(value) ? `${prefix}"${value}"` : undefined;
  }
  const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value === 'boolean' || value === null || isWhole) return `${prefix}${value}`;
  return undefined;
}

function hard(entry: JsonObject | JsonValue[], indent: string): string {
  return Yaml.stringify(entry)
    .slice(0, -1)
    .replace(/\n(?!\n|$)/g, `\n${indent}`);
}

/** Fewer texts than YAML would take without quotes: begins with a letter or `/`, and no sign means anything. */
function isPlainText(text: string): boolean {
  return /^[A-Za-z/](?:[\w./@=,+()-]|:(?=[\w/])| (?=[\w/(]))*(?<!-)$/.test(text) && !NO_TEXT.test(text);
}

/** What begins with a letter, and is true, false, null or a number (`e5`) to a reader of YAML 1.1. */
const NO_TEXT = /^(?:y|yes|on|true|n|no|off|false|null|e[-+]?\d+)$/i;
