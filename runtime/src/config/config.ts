import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { ENGINES, PORTS, ROLES, SECONDS } from '../../contract.cjs';
import { parseSource } from '../models/model-source.js';

const port = z.int().min(0).max(65535);
const seconds = z.number().positive();
const file = z.string().min(1);

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

/** A server beside the node that serves the models. */
const engine = z.strictObject({
  name: z.enum(ENGINES.filter((name) => name !== 'llama.cpp')).describe('Which server it is.'),
  url: z
    .url({ protocol: /^https?$/, error: 'it must be a URL such as http://127.0.0.1:8000' })
    .describe('Where it listens.'),
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
export const configSchema = z
  .strictObject({
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
        for (const [index, { source, sha256 }] of models.entries()) {
          if (sha256 === undefined || !/^hf:[^/]+\/[^/]+$/.test(source)) continue;
          context.addIssue({
            code: 'custom',
            path: [index, 'sha256'],
            message: 'a repository has no sha256: name its commit as revision',
          });
        }
      }),
    engine: engine.optional().describe('Without it llama.cpp, inside the node, serves the models.'),
    modelDirectory: z
      .string()
      .min(1)
      .default('.polypod/models')
      .describe('Model store, shared by all nodes.'),
    dataDirectory: z
      .string()
      .min(1)
      .default('.polypod')
      .describe("This node's own files, such as the embedded PostgreSQL."),
    huggingFaceTokenFile: file.optional().describe('File with a token of the Hugging Face Hub.'),
    huggingFaceEndpoint: z
      .url({ protocol: /^https?$/, error: 'it must be a URL such as https://huggingface.co' })
      .default('https://huggingface.co')
      .describe('The Hugging Face Hub, or a mirror of it.'),
    downloads: z
      .strictObject({
        attempts: z
          .int()
          .min(1)
          .default(6)
          .describe('Attempts in a row without progress until it is given up.'),
        stallSeconds: seconds.default(60).describe('A server that sends nothing for so long has broken off.'),
        parallel: z.int().min(1).max(16).default(4).describe('Files of one model that are fetched at once.'),
      })
      .prefault({}),
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
        promptTokens: z
          .int()
          .min(1)
          .optional()
          .describe("Longer prompts are answered 400; without it the model's context is the limit."),
        concurrentRequests: z
          .int()
          .min(1)
          .default(1024)
          .describe('Requests that are answered at once; more are answered 429.'),
        requestsPerMinute: z
          .strictObject({
            perAddress: z
              .int()
              .min(1)
              .optional()
              .describe('From one client address. Behind a proxy, name it in http.trustedProxies.'),
            perKey: z.int().min(1).optional().describe('With one API key.'),
          })
          .prefault({})
          .describe('More requests to /v1 are answered 429; on each node, and without it as many as come.'),
      })
      .prefault({}),
    http: z
      .strictObject({
        trustedProxies: z
          .array(
            z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'it must be an IP address or a CIDR block'),
          )
          .default([])
          .describe('Proxies whose X-Forwarded-For is believed: addresses or CIDR blocks.'),
        maxConnections: z.int().min(1).default(10_000).describe('Connections that are open at once.'),
        headersTimeoutSeconds: seconds.default(10).describe('Time for a request to send its headers.'),
        requestTimeoutSeconds: seconds.default(60).describe('Time for a request to arrive as a whole.'),
        keepAliveSeconds: seconds
          .default(620)
          .describe(
            "How long an idle connection stays: longer than the load balancer's own time, up to 600.",
          ),
      })
      .prefault({}),
    streams: z
      .strictObject({
        retentionSeconds: seconds.default(600).describe('How long a finished stream can be read again.'),
        abandonedSeconds: seconds.default(30).describe('How long a stream goes on without any reader.'),
        maxStreams: z.int().min(1).default(10_000).describe('Streams kept in this process at most.'),
        storedSeconds: seconds
          .default(24 * 3600)
          .describe('How long a stored response (`store`, of /v1/responses) can be retrieved.'),
        maxBytes: z
          .int()
          .min(1024)
          .default(16 * 1024 * 1024)
          .describe('A stream that grows larger, some 100 bytes a token, is ended with an error.'),
        leaseSeconds: z
          .number()
          .min(0.2)
          .default(1)
          .describe('A node that gives no sign of life for so long loses its streams to others.'),
        outageSeconds: seconds
          .default(10)
          .describe('Streams wait so long for Redis to come back before they go on without it.'),
        orphanedSeconds: seconds
          .default(60)
          .describe('A stream that no node goes on with for so long is ended with an error.'),
      })
      .prefault({}),
    drainSeconds: seconds.default(SECONDS.drain).describe('Time to hand streams over after SIGTERM.'),
    logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .superRefine(({ engine, models }, context) => {
    if (engine) return;
    for (const [index, { sequences = 0 }] of models.entries()) {
      if (sequences <= 256) continue;
      const message = 'llama.cpp, inside the node, generates 256 at once at most';
      context.addIssue({ code: 'custom', path: ['models', index, 'sequences'], message });
    }
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
