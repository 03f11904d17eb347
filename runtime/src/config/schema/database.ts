import { z } from 'zod';
import { file, port } from './fields.js';

export const database = z.strictObject({
  host: z.string().min(1),
  port: port.default(5432),
  name: z.string().min(1).default('polypod'),
  sslMode: z.enum(['disable', 'verify-full']).default('verify-full'),
  sslRootCert: file.optional(),
  userFile: file.optional(),
  passwordFile: file.optional(),
  poolSize: z.int().min(1).default(5),
});
