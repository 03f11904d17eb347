import { z } from 'zod';

export const limits = z.strictObject({
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
});
