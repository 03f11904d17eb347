import type { Config } from './config.js';

/** A field of the configuration, or of one of its sections, by its path. */
type FieldPath = {
  [Section in keyof Config & string]: Section | `${Section}.${keyof NonNullable<Config[Section]> & string}`;
}[keyof Config & string];

/** Fields that a running node takes over when the file changes; all others need a restart. */
export const RELOADED = [
  'limits.promptTokens',
  'limits.concurrentRequests',
  'limits.requestsPerMinute',
  'streams.retentionSeconds',
  'streams.abandonedSeconds',
  'streams.maxStreams',
  'streams.retainedBytes',
  'streams.storedSeconds',
  'streams.maxBytes',
  'streams.outageSeconds',
  'streams.orphanedSeconds',
  'websocket.heartbeatSeconds',
  'websocket.maxBufferedBytes',
  'websocket.maxConnections',
  'websocket.maxConnectionsPerUser',
  'websocket.maxSubscriptions',
  'websocket.allowedOrigins',
  'drainSeconds',
  'logLevel',
] as const satisfies readonly FieldPath[];

/** Whether a field, by its path, follows the file. */
export function isReloaded(path: string): boolean {
  return RELOADED.some((field) => path === field || path.startsWith(`${field}.`));
}
