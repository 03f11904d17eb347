import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { modelPath } from '../../../contract.cjs';
import { parseSource } from '../../models/model-source.js';

/** How one model is served. */
const model = z.strictObject({
  id: z.string().min(1).describe('The name that requests use.'),
  source: z
    .string()
    .superRefine((source, context) => {
      try {
        parseSource(source);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      }
    })
    .describe(
      'Where the model comes from: demo:, file:PATH, hf:owner/repository/file, hf:owner/repository, https://…',
    ),
  revision: z
    .string()
    .min(1)
    .optional()
    .describe('Commit, tag or branch of the repository; main without it.'),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'it must be 64 hexadecimal digits')
    .transform((digits) => digits.toLowerCase())
    .optional()
    .describe("What the file's content must be."),
  contextSize: z.int().min(0).default(4096).describe('Tokens a sequence; 0: what the model was trained for.'),
  sequences: z
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .describe('Requests that are generated at once: 4, or 256 with an engine beside the node.'),
  placement: z
    .strictObject({
      replicas: z
        .int()
        .min(1)
        .optional()
        .describe('Nodes of the cluster that load it; all that could where it is not given.'),
      max: z
        .int()
        .min(1)
        .optional()
        .describe('Nodes that load it at most: more than `replicas` while requests wait for it.'),
    })
    .refine(({ replicas, max }) => max === undefined || (replicas !== undefined && max >= replicas), {
      path: ['max'],
      message: 'it needs `replicas`, which it must not be less than',
    })
    .prefault({}),
  queue: z.int().min(0).default(64).describe('Requests that may wait; more are answered 429.'),
  threads: z
    .int()
    .min(1)
    .default(() => Math.max(1, availableParallelism() - 1))
    .describe('Processor cores for this model alone. More than are free collapse throughput.'),
  prefillChunk: z.int().min(16).max(2048).default(128).describe('Prompt tokens computed between two steps.'),
  gpuLayers: z.int().min(0).default(0).describe('Layers on the GPU; needs the CUDA image.'),
  reproducible: z
    .boolean()
    .default(false)
    .describe(
      'Decodes each sequence by itself, so that a seeded answer is the same to the last bit whoever else is answered. ' +
        'Several at once then gain nothing from each other. Without it rounding may tip a token that is drawn at a tie.',
    ),
  tokensPerSecond: z
    .number()
    .min(0)
    .optional()
    .describe(
      'Pace of a stream at most; 0 is none. The demonstration model is slowed to 40, else nobody could watch.',
    ),
});

/** What decides which content lies at a model's place in the store. */
const ORIGIN = ['source', 'revision', 'sha256'] as const;

/** A model's place in the store; `undefined` if it is none that models are fetched to. */
function placeOf(source: string): string | undefined {
  return /^(hf|https):/.test(source) ? modelPath(source, '').slice(1) : undefined;
}

/** All models of the node, no name twice, and no two contents at one place of the store. */
export const models = z
  .array(model)
  .min(1)
  .default([model.parse({ id: 'demo', source: 'demo:' })])
  .superRefine((models, context) => {
    for (const [index, { id }] of models.entries()) {
      if (models.findIndex((each) => each.id === id) === index) continue;
      context.addIssue({
        code: 'custom',
        path: [index, 'id'],
        message: `another model is called ${id} too`,
      });
    }
    for (const [index, model] of models.entries()) {
      const place = placeOf(model.source);
      const differs = (other: typeof model) => ORIGIN.filter((field) => other[field] !== model[field]);
      const other = models
        .slice(0, index)
        .find((each) => place !== undefined && placeOf(each.source) === place && differs(each).length > 0);
      if (!other) continue;
      const [field = 'source', ...more] = differs(other);
      context.addIssue({
        code: 'custom',
        path: [index, field],
        message:
          `${model.id} and ${other.id} would replace each other at ${place} in the store: ` +
          `write the same ${[field, ...more].join(' and ')} for both, or take one of them out`,
      });
    }
    for (const [index, { source, sha256 }] of models.entries()) {
      if (sha256 === undefined || !/^hf:[^/]+\/[^/]+$/.test(source)) continue;
      context.addIssue({
        code: 'custom',
        path: [index, 'sha256'],
        message: 'a repository has no sha256: name its commit as revision',
      });
    }
  });
