import type { HeldAnswer } from './exchange.js';

/** Codes of undici and of the system for requests that never left this node. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The target can't have begun to do what it was asked. */
export function wasNotSent(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && NOT_SENT.has(error.code);
}

/** How a node refuses what it has not begun, by the code of its error: another one may take it. */
const PEER_REFUSALS = new Set([
  'overloaded',
  'draining',
  'model_unavailable',
  'model_not_found',
  'invalid_peer_token',
]);
/** How a plain server does: too much, not loaded, or this node's key is not known there. */
const BACKEND_REFUSALS = new Set([401, 403, 429, 503]);

/** Answers of which another target may know better. */
export function isRefusal(kind: 'peer' | 'backend', { status, body }: HeldAnswer): boolean {
  if (kind === 'backend') return mayBeRefusal(kind, status);
  return status >= 400 && PEER_REFUSALS.has(codeOf(body));
}

export function mayBeRefusal(kind: 'peer' | 'backend', status: number): boolean {
  return kind === 'peer' ? status >= 400 : BACKEND_REFUSALS.has(status);
}

export function codeOf(body: Buffer): string {
  try {
    return String(JSON.parse(body.toString()).error?.code);
  } catch {
    return '';
  }
}
