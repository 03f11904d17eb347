import { Output, secret } from '@pulumi/pulumi';
import * as z from 'zod';
import { describeIssue } from '../topology/read/issues';
import { map, someText } from '../topology/schema/fields';
import { credentials as reference } from '../topology/schema/secrets';

/**
 * Fields of a thing to create, or `existing` and nothing beside it. (A union would not tell which of the two was
 * meant, where both are written.)
 */
export function existingOr<Existing extends z.ZodType, Create extends z.ZodType>(
  existing: Existing,
  create: Create,
) {
  type Fields = z.output<Create> | { readonly existing: z.output<Existing> };
  return z.custom<unknown>().transform((input, context): Fields => {
    const isExisting = typeof input === 'object' && input !== null && 'existing' in input;
    for (const [key, value] of isExisting ? Object.entries(input) : []) {
      if (key === 'existing') continue;
      const message = 'stands beside existing, and what exists is not configured here';
      const params = { mend: 'take one of the two out' };
      context.issues.push({ code: 'custom', message, params, path: [key], input: value });
    }
    const options = { reportInput: true, error: describeIssue, jitless: true };
    const parsed = isExisting
      ? map({ existing }).safeParse({ existing: input.existing }, options)
      : create.safeParse(input, options);
    if (parsed.success) return parsed.data as Fields;
    context.issues.push(...(parsed.error.issues as z.core.$ZodRawIssue[]));
    return z.NEVER;
  });
}

/** User and password: the values, of which a Secret is made, or the name of a Secret that somebody else keeps. */
export const existingCredentials = z.union([
  map({
    username: someText().describe('User name.'),
    password: z
      .unknown()
      .transform((input, context): Output<string> => {
        if (Output.isInstance<string>(input)) return secret(input);
        if (typeof input === 'string' && input !== '') return secret(input);
        const mend = 'set it with pulumi config set --secret --path';
        context.issues.push({ code: 'custom', message: 'is no text', params: { mend }, input: undefined });
        return z.NEVER;
      })
      .describe('Password, a secret.'),
  }),
  reference,
]);

/** What an image is built from. */
export const imageSource = {
  context: someText().describe("Folder that the image is built from, seen from the project's."),
  dockerfile: someText()
    .optional()
    .describe("Default: Dockerfile in the context. Seen from the project's folder."),
  tag: someText().optional().describe('A tag that is never pushed again. Default: made from the content.'),
  platforms: z
    .array(z.enum(['linux/amd64', 'linux/arm64']))
    .min(1)
    .optional()
    .describe('Default: both.'),
};

/** What happens to data when its declaration goes away. */
export const removal = z
  .enum(['retain', 'destroy'])
  .optional()
  .describe('What happens to what holds data when its declaration goes away. Default: retain.');

/** Words by words, such as tags. */
export const words = () => z.record(someText(), z.string());
