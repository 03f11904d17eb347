import { z } from 'zod';
import { seconds } from './fields.js';

export const websocket = z.strictObject({
  heartbeatSeconds: seconds
    .default(12)
    .describe('Time between pings. A connection that answers none is closed after two of them.'),
  maxFrameBytes: z
    .int()
    .min(1024)
    .default(1024 * 1024)
    .describe('A larger frame closes the connection with 1009.'),
  maxBufferedBytes: z
    .int()
    .min(1024)
    .default(256 * 1024)
    .describe('With so much unsent, a connection gets no more until its reader has caught up.'),
  maxConnections: z.int().min(1).default(2_000).describe('WebSockets that are open at once on this node.'),
  maxConnectionsPerUser: z
    .int()
    .min(1)
    .default(20)
    .describe('WebSockets that one user has open at once on this node.'),
  maxSubscriptions: z.int().min(1).default(50).describe('Conversations that one connection follows at once.'),
  allowedOrigins: z
    .array(z.url({ protocol: /^https?$/, error: 'it must be an origin such as https://chat.example.com' }))
    .default([])
    .describe('Sites other than the own host whose pages may connect.'),
});
