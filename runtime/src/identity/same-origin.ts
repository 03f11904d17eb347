import type { FastifyRequest } from 'fastify';
import { ApiError } from '../api/api-error.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what another site makes a browser do with our cookies. Browsers say where a request comes from; what says
 * nothing is no browser.
 */
export function assertSameOrigin(request: FastifyRequest, publicUrl: string | undefined): void {
  if (SAFE.has(request.method)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site === 'same-origin' || site === 'none') return;
  if (site === undefined && (origin === undefined || isOwn(origin, request, publicUrl))) return;
  throw new ApiError(
    403,
    'permission_error',
    'cross_site_request',
    'Another site has sent this request. Programs use an API key instead of cookies.',
  );
}

/** Browsers say Sec-Fetch-Site to hosts with TLS, and on this machine, only. */
function isOwn(origin: string, request: FastifyRequest, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  return new URL(origin).host === (publicUrl === undefined ? request.host : new URL(publicUrl).host);
}
