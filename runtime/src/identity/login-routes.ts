import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../api/api-error.js';
import { parseBody } from '../api/validation.js';
import type { Metrics } from '../operations/metrics.js';
import type { Accounts } from './accounts.js';
import type { AuditLog } from './audit.js';
import { type Authenticator, SESSION_COOKIE } from './authenticator.js';
import { type ClaimRules, nameOf, roleOf } from './claims.js';
import type { Cookies } from './cookies.js';
import type { LoginLimits } from './login-limits.js';
import { CALLBACK_PATH, LOGIN_SECONDS, type Oidc } from './oidc.js';
import type { Principal } from './principal.js';
import type { SessionLimits, Sessions } from './sessions.js';

export interface LoginOptions {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly authenticator: Authenticator;
  readonly cookies: Cookies;
  readonly limits: LoginLimits;
  readonly sessionLimits: SessionLimits;
  readonly oidc: { readonly client: Oidc; readonly issuer: string; readonly rules: ClaimRules } | undefined;
  readonly audit: AuditLog;
  readonly metrics: Metrics;
}

const STATE_COOKIE = 'login';

const credentials = z.strictObject({
  name: z.string().min(1).max(128),
  password: z.string().min(1).max(4096),
});
const nextQuery = z.object({ next: z.string().max(2048).default('/') });

/** Logging in and out: by password, and at the OpenID provider. */
export function loginRoutes(app: FastifyInstance, options: LoginOptions): void {
  const { accounts, sessions, authenticator, cookies, limits, oidc, audit } = options;
  const { logins } = options.metrics.of;

  /** A new secret at each login: what somebody has put into the browser before is worth nothing after it. */
  const enter = async (
    request: FastifyRequest,
    reply: FastifyReply,
    account: { id: string; name: string },
    idToken?: string,
  ) => {
    const before = authenticator.sessionOf(request);
    const secret = await sessions.start(account.id, idToken);
    if (before !== undefined) await sessions.end(before);
    cookies.write(request, reply, SESSION_COOKIE, secret, options.sessionLimits.absoluteSeconds);
    await audit.record(entry(request, account, 'session.login'));
  };

  app.post('/auth/login', async (request, reply) => {
    const { name, password } = parseBody(credentials, request.body);
    try {
      await limits.attempt(request.ip, name);
    } catch (error) {
      logins.inc({ method: 'password', outcome: 'limited' });
      request.log.warn({ address: request.ip }, 'login limited');
      throw error;
    }
    const account = await accounts.byPassword(name, password).catch(async (error: unknown) => {
      logins.inc({ method: 'password', outcome: 'failed' });
      await limits.undecided(request.ip, name);
      throw error;
    });
    if (!account) {
      logins.inc({ method: 'password', outcome: 'refused' });
      request.log.warn({ address: request.ip }, 'login refused');
      throw new ApiError(401, 'invalid_request_error', 'invalid_login', 'The name or the password is wrong.');
    }
    await limits.succeeded(request.ip, name);
    await enter(request, reply, account);
    logins.inc({ method: 'password', outcome: 'success' });
    return { id: account.id, name: account.name, role: account.role };
  });

  app.get('/auth/oidc/login', async (request, reply) => {
    const { next } = parseBody(nextQuery, request.query);
    try {
      const { url, state } = await required(oidc).client.begin(localPath(next));
      cookies.write(request, reply, STATE_COOKIE, state, LOGIN_SECONDS);
      return await reply.redirect(url, 303);
    } catch (error) {
      return failed(request, reply, error);
    }
  });

  app.get(CALLBACK_PATH, async (request, reply) => {
    try {
      const { client, issuer, rules } = required(oidc);
      const search = request.url.slice(CALLBACK_PATH.length);
      const login = await client.finish(search, cookies.read(request, STATE_COOKIE));
      cookies.remove(request, reply, STATE_COOKIE);
      const role = roleOf(login.claims, rules);
      if (role === undefined) throw notAdmitted('login_without_role', 'This account has no role here.');
      const account = await accounts.ofProvider(issuer, login.subject, nameOf(login.claims), role);
      if (account.disabled) throw notAdmitted('account_disabled', 'This account is disabled.');
      await enter(request, reply, account, login.idToken);
      logins.inc({ method: 'oidc', outcome: 'success' });
      return await reply.redirect(login.next, 303);
    } catch (error) {
      const outcome = error instanceof ApiError && error.status < 500 ? 'refused' : 'failed';
      logins.inc({ method: 'oidc', outcome });
      return failed(request, reply, error);
    }
  });

  app.post('/auth/logout', async (request, reply) => {
    const secret = authenticator.sessionOf(request);
    cookies.remove(request, reply, SESSION_COOKIE);
    const idToken = secret === undefined ? undefined : await sessions.end(secret);
    const url = idToken === undefined ? undefined : await oidc?.client.endSessionUrl(idToken);
    return { next: url ?? '/auth/login' };
  });

  app.post('/auth/logout/all', async (request, reply) => {
    const { principal } = request;
    if (principal.kind !== 'session') {
      throw new ApiError(403, 'permission_error', 'no_session', 'Only who has logged in can log out.');
    }
    const ended = await sessions.endAll(principal.id);
    cookies.remove(request, reply, SESSION_COOKIE);
    await audit.record(entry(request, principal, 'session.logout_all'));
    return { next: '/auth/login', sessions: ended };
  });
}

/** In a browser the login page says what went wrong. */
function failed(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof ApiError)) throw error;
  request.log.warn({ code: error.code, err: error.cause, address: request.ip }, 'login failed');
  if (!request.headers.accept?.includes('text/html')) throw error;
  return reply.redirect(`/auth/login?problem=${error.code}`, 303);
}

function required<Value>(oidc: Value | undefined): Value {
  if (oidc !== undefined) return oidc;
  throw new ApiError(404, 'invalid_request_error', 'no_provider', 'No OpenID provider is configured.');
}

function notAdmitted(code: string, message: string): ApiError {
  return new ApiError(403, 'permission_error', code, message);
}

function entry(request: FastifyRequest, actor: Pick<Principal, 'id' | 'name'>, act: string) {
  return { actor: { id: actor.id, name: actor.name }, act, address: request.ip, requestId: request.id };
}

/** A path of this site, whatever somebody has put into a link. */
function localPath(next: string): string {
  const base = 'http://local.invalid';
  if (!next.startsWith('/') || !URL.canParse(next, base)) return '/';
  const { origin, pathname, search, hash } = new URL(next, base);
  return origin === base && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/';
}
