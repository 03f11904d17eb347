import { z } from 'zod';
import { file } from './fields.js';

export const cluster = z.strictObject({
  peerService: z.string().optional().describe('Headless Service through which nodes find each other.'),
  podIp: z.string().optional(),
  zone: z.string().optional(),
  secretFile: file.optional().describe('Secret that all nodes share; without it no peer is let in.'),
});
