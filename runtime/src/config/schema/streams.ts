import { z } from 'zod';
import { seconds } from './fields.js';

export const streams = z.strictObject({
  retentionSeconds: seconds.default(600).describe('How long a finished stream can be read again.'),
  abandonedSeconds: seconds.default(30).describe('How long a stream goes on without any reader.'),
  maxStreams: z.int().min(1).default(10_000).describe('Finished streams kept in this process at most.'),
  retainedBytes: z
    .int()
    .min(1024)
    .default(64 * 1024 * 1024)
    .describe('Bytes of all finished streams kept in this process; the oldest are dropped beyond it.'),
  storedSeconds: seconds
    .default(24 * 3600)
    .describe('How long a stored response (`store`, of /v1/responses) can be retrieved.'),
  maxBytes: z
    .int()
    .min(1024)
    .default(16 * 1024 * 1024)
    .describe('A stream that grows larger, some 100 bytes a token, is ended with an error.'),
  leaseSeconds: z
    .number()
    .min(0.2)
    .default(1)
    .describe('A node that gives no sign of life for so long loses its streams to others.'),
  outageSeconds: seconds
    .default(10)
    .describe('Streams wait so long for Redis to come back before they go on without it.'),
  orphanedSeconds: seconds
    .default(60)
    .describe('A stream that no node goes on with for so long is ended with an error.'),
});
