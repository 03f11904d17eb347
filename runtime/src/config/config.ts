import { z } from 'zod';
import { PORTS, ROLES, SECONDS } from '../../contract.cjs';
import { access } from './schema/access.js';
import { backends } from './schema/backends.js';
import { cluster } from './schema/cluster.js';
import { database } from './schema/database.js';
import { downloads } from './schema/downloads.js';
import { engine } from './schema/engine.js';
import { file, port, seconds } from './schema/fields.js';
import { http } from './schema/http.js';
import { limits } from './schema/limits.js';
import { models } from './schema/models.js';
import { redis } from './schema/redis.js';
import { routing } from './schema/routing.js';
import { selfHealing } from './schema/self-healing.js';
import { streams } from './schema/streams.js';
import { websocket } from './schema/websocket.js';

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
    models,
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
    downloads: downloads.prefault({}),
    redis: redis.optional().describe('Without it streams live in this process only.'),
    database: database.optional().describe('Where registry, users and conversations live.'),
    embeddedDatabase: z
      .boolean()
      .default(true)
      .describe('With role all and no database: start the PostgreSQL that npm has brought.'),
    cluster: cluster.prefault({}),
    routing: routing.prefault({}),
    backends: backends.describe('Plain OpenAI servers whose models this node offers beside its own.'),
    access: access.prefault({}),
    limits: limits.prefault({}),
    http: http.prefault({}),
    streams: streams.prefault({}),
    selfHealing: selfHealing.prefault({}),
    websocket: websocket.prefault({}),
    drainSeconds: seconds.default(SECONDS.drain).describe('Time to hand streams over after SIGTERM.'),
    logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    logFormat: z
      .enum(['json', 'text'])
      .optional()
      .describe('JSON without it, but text in a terminal and with `npm start`.'),
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
