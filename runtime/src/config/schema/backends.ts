import { z } from 'zod';
import { file, seconds } from './fields.js';

/** A plain OpenAI server to which requests are passed on. */
const backend = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, 'it must be letters, digits, dots, colons, dashes or underscores')
    .optional()
    .describe("What headers and metrics call it; the URL's host where it is not given."),
  url: z
    .url({ protocol: /^https?$/, error: 'it must be a URL such as http://vllm:8000/v1' })
    .transform((url) => url.replace(/\/+$/, ''))
    .describe("Base URL as OpenAI's clients take it, such as http://vllm:8000/v1."),
  models: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Names of models that are asked for there; what its /models lists where they are not given.'),
  weight: z.number().positive().default(1).describe('Share of the requests that it gets beside others.'),
  sequences: z
    .int()
    .min(1)
    .default(256)
    .describe('Requests that it works on at once; more go elsewhere if they can.'),
  apiKeyFile: file.optional().describe("File with the key that it is sent. Clients' own keys never are."),
  checkSeconds: seconds.default(5).describe('How often it is asked whether it is well.'),
  timeoutSeconds: seconds.default(300).describe('Silence after which an answer counts as lost.'),
});

export const backends = z
  .array(backend)
  .default([])
  .superRefine((list, context) => {
    const names = list.map(backendName);
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      const message = `another backend is called ${name} too: give it a name`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    }
  });

export type BackendConfig = z.output<typeof backend>;

export function backendName({ name, url }: Pick<BackendConfig, 'name' | 'url'>): string {
  return name ?? new URL(url).host;
}
