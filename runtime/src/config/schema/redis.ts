import { z } from 'zod';
import { file, port } from './fields.js';

export const redis = z.strictObject({
  host: z.string().min(1),
  port: port.default(6379),
  tls: z.boolean().default(false),
  caFile: file.optional(),
  mode: z.enum(['single', 'cluster']).default('single'),
  usernameFile: file.optional(),
  passwordFile: file.optional(),
  poolSize: z.int().min(1).default(4),
});
