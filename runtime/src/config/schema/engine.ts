import { z } from 'zod';
import { ENGINES } from '../../../contract.cjs';

/** A server beside the node that serves the models. */
export const engine = z.strictObject({
  name: z.enum(ENGINES.filter((name) => name !== 'llama.cpp')).describe('Which server it is.'),
  url: z
    .url({ protocol: /^https?$/, error: 'it must be a URL such as http://127.0.0.1:8000' })
    .describe('Where it listens.'),
});
