import { z } from 'zod';
import { seconds } from './fields.js';

/** How a node sends what others answer to them. */
export const routing = z.strictObject({
  connectSeconds: seconds.default(2).describe('Time for a connection to another node or a backend.'),
  retries: z
    .strictObject({
      share: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('Retries at most, as a share of forwarded requests.'),
      reserve: z.number().min(0).default(10).describe('Retries in a row that few requests may need.'),
    })
    .prefault({})
    .describe('Requests that failed at one node or backend and are sent to another.'),
  breaker: z
    .strictObject({
      failures: z.int().min(1).default(5).describe('Failures in a row after which a target is left alone.'),
      openSeconds: seconds.default(2).describe('For so long; then one request tries it.'),
    })
    .prefault({})
    .describe('The circuit breaker of each node and backend.'),
});
