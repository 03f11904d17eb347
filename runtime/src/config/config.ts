import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { PORTS, ROLES, SECONDS } from '../../contract.cjs';

const port = z.int().min(0).max(65535);
const seconds = z.number().positive();

/** How one model is served. */
const model = z.strictObject({
  id: z.string().min(1).describe('The name that requests use.'),
  source: z
    .string()
    .regex(
      /^(demo:|file:.+|hf:[^/]+\/[^/]+\/.+|https:\/\/.+)$/,
      'demo:, file:PATH, hf:owner/repo/file or https://…',
    )
    .describe('Where the model file comes from.'),
  contextSize: z.int().min(0).default(4096).describe('Tokens a sequence; 0: what the model was trained for.'),
  sequences: z.int().min(1).max(256).default(4).describe('Requests that are generated at once.'),
  queue: z.int().min(0).default(64).describe('Requests that may wait; more are answered 429.'),
  threads: z
    .int()
    .min(1)
    .default(() => Math.max(1, availableParallelism() - 1))
    .describe('Processor cores for this model alone. More than are free collapse throughput.'),
  prefillChunk: z.int().min(16).max(2048).default(128).describe('Prompt tokens computed between two steps.'),
  gpuLayers: z.int().min(0).default(0).describe('Layers on the GPU; needs the CUDA image.'),
  tokensPerSecond: z
    .number()
    .min(0)
    .optional()
    .describe(
      'Pace of a stream at most; 0 is none. The demonstration model is slowed to 40, else nobody could watch.',
    ),
});

export const configSchema = z.strictObject({
  role: z.enum(ROLES).default('all'),
  nodeId: z.string().min(1).optional().describe('Unique in the cluster; made up where it is not given.'),
  host: z.string().default('0.0.0.0'),
  ports: z
    .strictObject({
      api: port.default(PORTS.api),
      metrics: port.default(PORTS.metrics),
      peer: port.default(PORTS.peer),
    })
    .prefault({}),
  models: z
    .array(model)
    .min(1)
    .default([model.parse({ id: 'demo', source: 'demo:' })])
    .superRefine((models, context) => {
      for (const [index, { id }] of models.entries()) {
        if (models.findIndex((each) => each.id === id) === index) continue;
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `another model is called ${id}` });
      }
    }),
  modelDirectory: z.string().default('./models').describe('Model store, shared by all nodes.'),
  limits: z
    .strictObject({
      bodyBytes: z
        .int()
        .min(1024)
        .default(8 * 1024 * 1024),
    })
    .prefault({}),
  streams: z
    .strictObject({
      retentionSeconds: seconds.default(600).describe('How long a finished stream can be read again.'),
      abandonedSeconds: seconds.default(30).describe('How long a stream goes on without any reader.'),
      maxStreams: z.int().min(1).default(10_000),
    })
    .prefault({}),
  drainSeconds: seconds.default(SECONDS.drain),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Config = z.output<typeof configSchema>;
export type ModelConfig = Config['models'][number];
