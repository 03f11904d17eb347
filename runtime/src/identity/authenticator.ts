import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errors } from 'jose';
import { ApiError, toApiError } from '../api/api-error.js';
import type { Metrics } from '../operations/metrics.js';
import type { Accounts } from './accounts.js';
import { ApiKeys } from './api-keys.js';
import type { Cookies } from './cookies.js';
import { IssuerAway, Jwt } from './jwt.js';
import { ANONYMOUS, type Principal } from './principal.js';
import { missingRoles } from './route-access.js';
import { assertSameOrigin } from './same-origin.js';
import { digest, newSecret } from './secrets.js';
import type { Sessions } from './sessions.js';

export const SESSION_COOKIE = 'session';
const BROWSER_COOKIE = 'browser';
/** The longest that browsers keep a cookie. */
const BROWSER_SECONDS = 400 * 24 * 3600;
const SECRET = /^[\w-]{43}$/;

export interface AuthenticatorOptions {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly jwt: Jwt | undefined;
  readonly cookies: Cookies;
  readonly publicUrl: string | undefined;
  /** Whether {@link ANONYMOUS} may do nothing. */
  readonly required: boolean;
  readonly metrics: Metrics;
}

/** A refusal, and the label under which it is counted. */
class Refused extends Error {
  constructor(
    readonly reason: string,
    readonly answer: ApiError,
  ) {
    super(answer.message);
  }
}

/** Finds out who makes a request, and lets it pass if the table of routes says so. */
export class Authenticator {
  constructor(private readonly options: AuthenticatorOptions) {}

  /** For routes that are added from now on. */
  protect(app: FastifyInstance): void {
    app.addHook('onRequest', async (request, reply) => {
      try {
        await this.admit(request, reply);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const { reason, answer } = error;
        this.options.metrics.of.accessRefused.inc({ reason });
        request.log.info(
          { reason, code: answer.code, principal: request.principal.id, address: request.ip },
          'request refused',
        );
        if (answer.status === 401 && isPage(request)) {
          return reply.redirect(`/auth/login?next=${encodeURIComponent(request.url)}`, 303);
        }
        throw answer;
      }
    });
  }

  /** The secret of the browser's session, if it has one. */
  sessionOf(request: FastifyRequest): string | undefined {
    const secret = this.options.cookies.read(request, SESSION_COOKIE);
    return secret !== undefined && SECRET.test(secret) ? secret : undefined;
  }

  /** Whether who has made a request, some time ago, could still make it. While nobody can know: as before. */
  async admitsStill(request: FastifyRequest): Promise<boolean> {
    const { principal, headers, routeOptions } = request;
    if (principal.kind === 'anonymous') return true;
    try {
      const now = (await this.byBearer(headers.authorization)) ?? (await this.byCookie(request));
      // With another role other things are open to it.
      return (
        now?.id === principal.id &&
        now.role === principal.role &&
        missingRoles(now, routeOptions.config.access ?? 'anyone').length === 0
      );
    } catch (error) {
      return !(error instanceof Refused) || error.reason === 'unavailable';
    }
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { authorization } = request.headers;
    // A header that no site can make browsers send by itself.
    if (authorization === undefined) this.assertOwnSite(request);
    const { access } = request.routeOptions.config;
    if (request.is404 || access === undefined || access === 'public') return;
    const principal = (await this.byBearer(authorization)) ?? (await this.byCookie(request));
    if (!principal && this.options.required) throw unauthorized('credentials', undefined, MISSING);
    request.principal = principal ?? this.anonymous(request, reply);
    const missing = missingRoles(request.principal, access);
    if (missing.length === 0) return;
    if (request.principal.kind === 'anonymous') throw unauthorized('credentials', undefined, MISSING);
    const { name, role } = request.principal;
    throw new Refused(
      'role',
      new ApiError(
        403,
        'permission_error',
        'insufficient_role',
        `This needs the role ${missing.join(' or ')}; ${name} has ${role}.`,
      ),
    );
  }

  private assertOwnSite(request: FastifyRequest): void {
    try {
      assertSameOrigin(request, this.options.publicUrl);
    } catch (error) {
      throw error instanceof ApiError ? new Refused('cross_site', error) : error;
    }
  }

  /** `undefined` without one; where no login is required also for what is none of ours, which many clients must send. */
  private async byBearer(authorization: string | undefined): Promise<Principal | undefined> {
    if (authorization === undefined) return undefined;
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    const { jwt, keys, required } = this.options;
    if (token !== undefined && ApiKeys.looksLikeOne(token)) {
      const key = await this.orUnavailable(keys.find(token));
      if (key === 'expired') throw unauthorized('key', 'expired_api_key', 'This API key has expired.');
      if (!key) throw unauthorized('key', 'invalid_api_key', 'There is no such API key.');
      return { id: key.id, name: key.name, role: key.role, kind: 'key' };
    }
    if (token !== undefined && jwt && Jwt.looksLikeOne(token)) return this.byToken(jwt, token);
    if (!required) return undefined;
    throw unauthorized('key', 'invalid_api_key', 'There is no such API key.');
  }

  private async byToken(jwt: Jwt, token: string): Promise<Principal> {
    try {
      return await jwt.verify(token);
    } catch (error) {
      if (error instanceof IssuerAway) {
        const answer = new ApiError(503, 'server_error', 'issuer_unavailable', `${error.message} Try again.`);
        throw new Refused('unavailable', answer);
      }
      if (error instanceof errors.JWTExpired) {
        throw unauthorized('token', 'expired_token', 'This token has expired.');
      }
      throw unauthorized('token', 'invalid_token', 'This token is not valid here.');
    }
  }

  private async byCookie(request: FastifyRequest): Promise<Principal | undefined> {
    const { accounts, sessions } = this.options;
    const secret = this.sessionOf(request);
    const user = secret === undefined ? undefined : await this.orUnavailable(sessions.userOf(secret));
    const account = user === undefined ? undefined : await this.orUnavailable(accounts.byId(user));
    if (!account || account.disabled) return undefined;
    return { id: account.id, name: account.name, role: account.role, kind: 'session' };
  }

  /** Each browser has its own cookie, whose digest owns what it makes. */
  private anonymous(request: FastifyRequest, reply: FastifyReply): Principal {
    const { cookies } = this.options;
    const secret = cookies.read(request, BROWSER_COOKIE);
    if (secret !== undefined && SECRET.test(secret)) {
      return { ...ANONYMOUS, id: `browser-${digest(secret)}` };
    }
    if (isPage(request)) cookies.write(request, reply, BROWSER_COOKIE, newSecret(), BROWSER_SECONDS);
    return ANONYMOUS;
  }

  private async orUnavailable<Value>(answer: Promise<Value>): Promise<Value> {
    try {
      return await answer;
    } catch (error) {
      const answer = toApiError(error);
      throw answer ? new Refused('unavailable', answer) : error;
    }
  }
}

const MISSING = 'Log in at /auth/login, or send an API key: Authorization: Bearer KEY.';

function unauthorized(reason: string, code: string | undefined, message: string): Refused {
  const headers = { 'www-authenticate': 'Bearer' };
  return new Refused(
    reason,
    new ApiError(401, 'invalid_request_error', code ?? 'missing_credentials', message, null, headers),
  );
}

/** Somebody looks at it, in a browser. */
function isPage({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true;
}
