import type { FastifyInstance } from 'fastify';
import { type AccessRole, includes, type Principal } from './principal.js';

/**
 * What a route asks for: `public` nothing, `anyone` somebody, whatever the role (in open mode that is everybody), else
 * one of these roles.
 */
export type Access = 'public' | 'anyone' | readonly AccessRole[];

const USER = ['user'] as const;
const READER = ['readonly'] as const;
const OPERATOR = ['operator'] as const;
const ADMIN = ['admin'] as const;

/**
 * Every route and the least role that it takes: the one place where rights are given. A route that is missing here is
 * the administrators' alone.
 */
export const ROUTES: Readonly<Record<string, Access>> = {
  // Kubernetes asks without credentials, and none of it is routed to the public.
  'GET /api/v1/health': 'public',
  'GET /api/v1/ready': 'public',
  'GET /api/v1/startup': 'public',
  'GET /api/v1/health/detailed': READER,

  'GET /': 'anyone',
  'GET /cluster': 'anyone',
  'GET /assets/:file': 'public',

  'GET /auth/login': 'public',
  'POST /auth/login': 'public',
  'GET /auth/methods': 'public',
  'GET /auth/oidc/login': 'public',
  'GET /auth/oidc/callback': 'public',
  'POST /auth/logout': 'public',
  'POST /auth/logout/all': 'anyone',
  'GET /auth/me': 'anyone',
  'GET /auth/settings': 'anyone',
  'PUT /auth/settings': 'anyone',

  'GET /v1/models': ['user', 'readonly'],
  'GET /v1/models/*': ['user', 'readonly'],
  'POST /v1/chat/completions': USER,
  'POST /v1/completions': USER,
  'POST /v1/embeddings': USER,
  'POST /v1/responses': USER,
  'GET /v1/responses/:id': USER,
  'DELETE /v1/responses/:id': USER,
  'POST /v1/responses/:id/cancel': USER,
  'GET /v1/responses/:id/input_items': USER,
  'GET /v1/streams/:id': USER,
  'POST /v1/streams/:id/cancel': USER,

  'GET /v1/conversations': USER,
  'POST /v1/conversations': USER,
  'GET /v1/conversations/:id': USER,
  'POST /v1/conversations/:id': USER,
  'DELETE /v1/conversations/:id': USER,
  'GET /v1/conversations/:id/export': USER,
  'GET /v1/conversations/:id/items': USER,
  'POST /v1/conversations/:id/items': USER,
  'GET /v1/conversations/:id/items/:item': USER,
  'DELETE /v1/conversations/:id/items/:item': USER,
  'GET /ws/chat': USER,
  'GET /api/v1/sessions': OPERATOR,

  'GET /api/v1/nodes': READER,
  'POST /api/v1/nodes/:node': OPERATOR,
  'GET /api/v1/models': READER,
  'POST /api/v1/instances': OPERATOR,
  'GET /api/v1/cluster/status': READER,
  'GET /api/v1/cluster/leader': READER,
  'GET /api/v1/cluster/events': READER,
  'GET /api/v1/cluster/integrity': READER,
  'POST /api/v1/cluster/integrity': OPERATOR,
  'POST /api/v1/cluster/leave': OPERATOR,
  'GET /api/v1/cache/status': ADMIN,
  'GET /api/v1/audit': ADMIN,
};

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
}

/** Gives every route that is added from now on what the table says of it. Returns a list that grows with them. */
export function giveAccess(app: FastifyInstance): readonly string[] {
  const routes: string[] = [];
  app.addHook('onRoute', (route) => {
    const [method = 'GET'] = [route.method].flat();
    route.config = { ...route.config, access: accessOf(method, route.url) };
    routes.push(`${method} ${route.url}`);
  });
  return routes;
}

function accessOf(method: string, url: string): Access {
  return ROUTES[`${method === 'HEAD' ? 'GET' : method} ${url}`] ?? ADMIN;
}

/** Which of the roles would do, and this principal has none of them. */
export function missingRoles(principal: Principal, access: Access): readonly AccessRole[] {
  if (access === 'public' || access === 'anyone') return [];
  return access.some((role) => includes(principal, role)) ? [] : access;
}

/** A change that only operators and administrators can make. */
export function isAdministrative(method: string, access: Access | undefined): boolean {
  return method !== 'GET' && method !== 'HEAD' && (access === OPERATOR || access === ADMIN);
}
