import * as z from 'zod';
import { KINDS } from './kinds';

/**
 * The JSON Schema (2020-12) of a topology file, for editors: generated from what reads the file, so that the two
 * can't differ. Combinations of fields are checked by the reader only.
 */
export function topologyJsonSchema(): Record<string, unknown> {
  const kinds = Object.values(KINDS).map(({ schema }) => {
    const { $schema, ...fields } = z.toJSONSchema(schema, {
      io: 'input',
      unrepresentable: 'any',
      override: keepExamples,
    });
    return { $schema, fields };
  });
  const [only] = kinds;
  return {
    $schema: only?.$schema,
    title: 'Polypod topology',
    ...(kinds.length === 1 ? only?.fields : { oneOf: kinds.map(({ fields }) => fields) }),
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
