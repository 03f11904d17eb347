import type { FastifyInstance } from 'fastify';
import { ApiError } from '../api/api-error.js';

/** What somebody may do. Seed 002's three, and `user`, who chats and sees nothing of operations. */
export const ACCESS_ROLES = ['admin', 'operator', 'readonly', 'user'] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

/**
 * What each role includes. `readonly` looks at operations but does not chat, and `user` the other way round; who is
 * not signed in, where that is not required, does both.
 */
const INCLUDED: Readonly<Record<AccessRole | 'anonymous', readonly AccessRole[]>> = {
  admin: ACCESS_ROLES,
  operator: ['operator', 'readonly', 'user'],
  readonly: ['readonly'],
  user: ['user'],
  anonymous: ['readonly', 'user'],
};

/** Who makes a request. */
export interface Principal {
  /** Stable, and unique over all kinds: what owns streams and conversations. */
  readonly id: string;
  /** For people to read. */
  readonly name: string;
  readonly role: AccessRole | 'anonymous';
  readonly kind: 'session' | 'key' | 'jwt' | 'anonymous';
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Set before any route runs. */
    principal: Principal;
  }
}

/** Everybody without credentials or a browser's cookie, where no login is required. */
export const ANONYMOUS: Principal = {
  id: 'anonymous',
  name: 'anonymous',
  role: 'anonymous',
  kind: 'anonymous',
};

/** Makes `request.principal` known to Fastify: {@link ANONYMOUS} until a later hook knows better. */
export function decoratePrincipal(app: FastifyInstance): void {
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request) => {
    request.principal = ANONYMOUS;
  });
}

export function includes({ role }: Principal, least: AccessRole): boolean {
  return INCLUDED[role].includes(least);
}

/** Throws the 403 of who may not do this. */
export function assertRole(principal: Principal, least: AccessRole): void {
  if (includes(principal, least)) return;
  throw new ApiError(
    403,
    'permission_error',
    'insufficient_role',
    `This needs the role ${least}; ${principal.name} has ${principal.role}.`,
  );
}

/** Whether somebody may read, cancel or delete what `owner` has made. Without an owner it is everybody's. */
export function mayUse(principal: Principal, owner: string | undefined): boolean {
  return owner === undefined || owner === principal.id || principal.role === 'admin';
}

/** The header in which one node tells another who asks. Believed on the peer port only, behind its authentication. */
export const PRINCIPAL_HEADER = 'polypod-principal';

export function encodePrincipal(principal: Principal): string {
  return Buffer.from(JSON.stringify(principal)).toString('base64url');
}

/** `undefined` for what {@link encodePrincipal} has not made. */
export function decodePrincipal(text: string): Principal | undefined {
  try {
    const value: Partial<Principal> = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const { id, name, role, kind } = value;
    if (typeof id !== 'string' || typeof name !== 'string') return undefined;
    if (role === undefined || !(role in INCLUDED)) return undefined;
    if (kind === undefined || !['session', 'key', 'jwt', 'anonymous'].includes(kind)) return undefined;
    return { id, name, role, kind };
  } catch {
    return undefined;
  }
}
