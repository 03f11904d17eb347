import { z } from 'zod';
import { seconds } from './fields.js';

export const downloads = z.strictObject({
  attempts: z.int().min(1).default(6).describe('Attempts in a row without progress until it is given up.'),
  stallSeconds: seconds.default(60).describe('A server that sends nothing for so long has broken off.'),
  parallel: z.int().min(1).max(16).default(4).describe('Files of one model that are fetched at once.'),
});
