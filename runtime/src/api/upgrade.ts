import type { IncomingMessage } from 'node:http';
import { PATHS } from '../../contract.cjs';

/** Clients that offer HTTP/2 with every request are answered in HTTP/1.1, as if they had not. */
export function isUpgrade({ url, headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && url?.split('?', 1)[0] === PATHS.chat;
}
