import { z } from 'zod';
import { seconds } from './fields.js';

export const http = z.strictObject({
  trustedProxies: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'it must be an IP address or a CIDR block'))
    .default([])
    .describe('Proxies whose X-Forwarded-For is believed: addresses or CIDR blocks.'),
  proxyHops: z
    .int()
    .min(1)
    .optional()
    .describe(
      'How many proxies stand in a row, of which the nearest is one of trustedProxies: what X-Forwarded-For says before them is what clients like to say. Without it: as many as have such an address.',
    ),
  maxConnections: z.int().min(1).default(10_000).describe('Connections that are open at once.'),
  headersTimeoutSeconds: seconds.default(10).describe('Time for a request to send its headers.'),
  requestTimeoutSeconds: seconds.default(60).describe('Time for a request to arrive as a whole.'),
  keepAliveSeconds: seconds
    .default(620)
    .describe("How long an idle connection stays: longer than the load balancer's own time, up to 600."),
});
