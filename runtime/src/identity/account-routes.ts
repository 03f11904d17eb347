import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiError, invalidRequest } from '../api/api-error.js';
import { parseBody } from '../api/validation.js';
import type { HybridCache } from '../cache/hybrid-cache.js';
import type { AuditLog } from './audit.js';
import type { Principal } from './principal.js';
import type { Settings } from './settings.js';

export interface AccountRouteOptions {
  readonly settings: Settings;
  readonly audit: AuditLog;
  readonly cache: HybridCache;
  /** What the login page offers. */
  readonly methods: { readonly required: boolean; readonly password: boolean; readonly oidc: string | null };
}

/** Settings of a user, as JSON. */
const SETTINGS_CHARACTERS = 16_384;

const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.coerce.number().int().min(1).optional(),
});

/** Who one is, what one has set, and what administrators see of access. */
export function accountRoutes(app: FastifyInstance, options: AccountRouteOptions): void {
  const { settings, audit, cache, methods } = options;

  app.get('/auth/methods', async () => methods);

  app.get('/auth/me', async ({ principal }) => ({ ...principal, login: methods }));

  app.get('/auth/settings', async ({ principal }) => settings.of(known(principal).id));

  app.put('/auth/settings', async ({ principal, body }) => {
    const value = parseBody(z.record(z.string(), z.unknown()), body);
    const text = JSON.stringify(value);
    if (text.includes('\\u0000')) throw invalidRequest('Settings can’t hold the character U+0000.', null);
    if (text.length > SETTINGS_CHARACTERS) {
      throw invalidRequest(`Settings have ${SETTINGS_CHARACTERS} characters of JSON at most.`, null);
    }
    await settings.set(known(principal).id, value);
    return value;
  });

  app.get('/api/v1/cache/status', () => cache.status());

  app.get('/api/v1/audit', async ({ query }) => {
    const { limit, before } = parseBody(pageQuery, query);
    const data = await audit.page(limit + 1, before);
    return { object: 'list', data: data.slice(0, limit), has_more: data.length > limit };
  });
}

function known(principal: Principal): Principal {
  if (principal.kind !== 'anonymous') return principal;
  throw new ApiError(403, 'permission_error', 'not_logged_in', 'Settings are kept for who has logged in.');
}
