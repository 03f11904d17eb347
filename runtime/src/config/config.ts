import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { PORTS, ROLES, SECONDS } from '../../contract.cjs';

const port = z.int().min(0).max(65535);
const seconds = z.number().positive();
const file = z.string().min(1);

/** How one model is served. */
const model = z.strictObject({
  id: z.string().min(1).describe('The name that requests use.'),
  source: z
    .string()
    .regex(
      /^(demo:|file:.+|hf:[^/]+\/[^/]+\/.+|https:\/\/.+)$/,
      'it must be demo:, file:PATH, hf:owner/repo/file or https://…',
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

const redis = z.strictObject({
  host: z.string().min(1),
  port: port.default(6379),
  tls: z.boolean().default(false),
  caFile: file.optional(),
  mode: z.enum(['single', 'cluster']).default('single'),
  usernameFile: file.optional(),
  passwordFile: file.optional(),
  poolSize: z.int().min(1).default(4),
});

const database = z.strictObject({
  host: z.string().min(1),
  port: port.default(5432),
  name: z.string().min(1).default('polypod'),
  sslMode: z.enum(['disable', 'verify-full']).default('verify-full'),
  sslRootCert: file.optional(),
  userFile: file.optional(),
  passwordFile: file.optional(),
  poolSize: z.int().min(1).default(5),
});

const cluster = z.strictObject({
  peerService: z.string().optional().describe('Headless Service through which nodes find each other.'),
  podIp: z.string().optional(),
  zone: z.string().optional(),
  secretFile: file.optional().describe('Secret that all nodes share; without it no peer is let in.'),
});

/** The configuration file. What stands here is also what {@link ENVIRONMENT} can override. */
export const configSchema = z.strictObject({
  role: z.enum(ROLES).default('all'),
  nodeId: z
    .string()
    .min(1)
    .optional()
    .describe('Unique in the cluster; the host name where it is not given.'),
  host: z.string().min(1).default('0.0.0.0').describe('Address to listen on.'),
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
        context.addIssue({
          code: 'custom',
          path: [index, 'id'],
          message: `another model is called ${id} too`,
        });
      }
    }),
  modelDirectory: z.string().min(1).default('.polypod/models').describe('Model store, shared by all nodes.'),
  dataDirectory: z
    .string()
    .min(1)
    .default('.polypod')
    .describe("This node's own files, such as the embedded PostgreSQL."),
  huggingFaceTokenFile: file.optional(),
  redis: redis.optional().describe('Without it streams live in this process only.'),
  database: database.optional().describe('Where registry, users and conversations live.'),
  cluster: cluster.prefault({}),
  limits: z
    .strictObject({
      bodyBytes: z
        .int()
        .min(1024)
        .default(8 * 1024 * 1024)
        .describe('Larger request bodies are answered 413.'),
    })
    .prefault({}),
  streams: z
    .strictObject({
      retentionSeconds: seconds.default(600).describe('How long a finished stream can be read again.'),
      abandonedSeconds: seconds.default(30).describe('How long a stream goes on without any reader.'),
      maxStreams: z.int().min(1).default(10_000).describe('Streams kept in this process at most.'),
    })
    .prefault({}),
  drainSeconds: seconds.default(SECONDS.drain).describe('Time to hand streams over after SIGTERM.'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Config = z.output<typeof configSchema>;
export type ModelConfig = Config['models'][number];

/** Fields that a running node takes over when the file changes; all others need a restart. */
export const RELOADED = [
  'limits',
  'streams',
  'drainSeconds',
  'logLevel',
] as const satisfies readonly (keyof Config)[];
