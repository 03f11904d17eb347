import { z } from 'zod';
import { ENVIRONMENT } from '../../contract.cjs';
import { GATEWAY_METRICS, type Metric, RUNTIME_METRICS } from '../../metrics.cjs';
import { configSchema } from '../../src/config/config.js';
import { variableOf } from '../../src/config/environment.js';
import { isReloaded } from '../../src/config/reloaded.js';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** Defaults that are found when the node starts. */
const DYNAMIC: Readonly<Record<string, string>> = {
  'models[].threads': 'cores − 1',
  models: 'the demonstration model',
};

/** The reference part of docs/runtime.md, section by section. */
export function sections(): Readonly<Record<string, string>> {
  return { configuration: configuration(), metrics: metrics() };
}

function configuration(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return table(
    ['Field', 'Default', 'What it is', 'Variable'],
    fields(schema, '').map(([path, field]) => [
      `\`${path}\`${isReloaded(path) ? ' ↻' : ''}`,
      defaultOf(path, field),
      [field.description, rangeOf(field)].filter(Boolean).join(' '),
      variable(path),
    ]),
  );
}

/** Sections are taken apart; what is left are the fields that hold a value. */
function fields(schema: Schema, path: string): [string, Schema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]): [string, Schema][] => {
    const here = path === '' ? key : `${path}.${key}`;
    if (field.properties) return [...own(here, field), ...fields(field, here)];
    if (field.items?.properties) return [[here, field], ...fields(field.items, `${here}[]`)];
    return [[here, field]];
  });
}

function own(path: string, field: Schema): [string, Schema][] {
  return field.description === undefined ? [] : [[path, { description: field.description }]];
}

function defaultOf(path: string, field: Schema): string {
  const known = DYNAMIC[path];
  if (known !== undefined) return known;
  return field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``;
}

function rangeOf({ enum: values, minimum, maximum }: Schema): string {
  if (values) return `${values.map((value) => `\`${value}\``).join(', ')}.`;
  const top = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  const bottom = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER;
  if (bottom && top) return `${minimum} to ${maximum}.`;
  return bottom && minimum > 0 ? `At least ${minimum}.` : '';
}

/** Which variable would override the field, if all were set. */
function variable(path: string): string {
  const all = Object.fromEntries(Object.values(ENVIRONMENT).map((name) => [name, 'set']));
  const name = path.startsWith('models[]') ? undefined : variableOf(path, all);
  return name === undefined ? '' : `\`${name}\``;
}

function metrics(): string {
  const row = ({ name, type, labels, help }: Metric) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ];
  const all: readonly Metric[] = [...Object.values(RUNTIME_METRICS), ...Object.values(GATEWAY_METRICS)];
  return table(['Metric', 'Type', 'Labels', 'What it says'], all.map(row));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '-')), ...rows.map(line)].join('\n');
}
