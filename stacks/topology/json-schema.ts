import * as z from 'zod';
import { KIND_NAMES, kindOf } from './kinds';

/**
 * The JSON Schema (2020-12) of a topology file, for editors: generated from what reads the file, so that the two
 * can't differ. Combinations of fields are checked by the reader only.
 */
export function topologyJsonSchema(): Record<string, unknown> {
  const kinds = KIND_NAMES.map((name) =>
    z.toJSONSchema(kindOf(name).schema, { io: 'input', unrepresentable: 'any', override: keepExamples }),
  );
  return {
    $schema: kinds[0]?.$schema,
    title: 'Polypod topology',
    oneOf: kinds.map(({ $schema, ...fields }) => fields),
  };
}

/** zod leaves the examples of a parsed value out, since they might be examples of the result; ours are of the input. */
function keepExamples({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  const examples = z.globalRegistry.get(zodSchema)?.examples;
  if (Array.isArray(examples)) jsonSchema.examples = examples;
}
