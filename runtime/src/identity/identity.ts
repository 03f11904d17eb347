import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { HybridCache } from '../cache/hybrid-cache.js';
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/load-config.js';
import { isLoginRequired } from '../config/schema/access.js';
import type { Database } from '../database/database.js';
import type { Metrics } from '../operations/metrics.js';
import { RedisConnections } from '../redis/connection.js';
import { accountRoutes } from './account-routes.js';
import { Accounts } from './accounts.js';
import { ApiKeys } from './api-keys.js';
import { AuditLog } from './audit.js';
import { Authenticator } from './authenticator.js';
import { Cookies } from './cookies.js';
import { Jwt } from './jwt.js';
import { LoginLimits } from './login-limits.js';
import { loginRoutes } from './login-routes.js';
import { Oidc } from './oidc.js';
import { passwordProblem } from './passwords.js';
import { giveAccess, isAdministrative } from './route-access.js';
import { readSecret } from './secrets.js';
import { Sessions } from './sessions.js';
import { Settings } from './settings.js';

export interface IdentityOptions {
  readonly config: Config;
  readonly nodeId: string;
  readonly database: Database | undefined;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** A login waits no longer for a Redis that hangs; this node counts alone then. */
const LIMIT_MILLISECONDS = 250;

/** Who may do what, of one node. */
export interface Identity {
  readonly audit: AuditLog;
  /** Has every route that is added from now on ask for the role that the table of routes says. Returns their list. */
  protect(app: FastifyInstance): readonly string[];
  /** Whether who has made a request could still make it: for what lasts longer than a request. */
  admitsStill(request: FastifyRequest): Promise<boolean>;
  /** Adds the routes of logins, settings, audit log and cache. */
  routes(app: FastifyInstance): void;
  close(): Promise<void>;
}

/** Throws a {@link ConfigError} when a file of the configuration can't be used. Redis and PostgreSQL may be away. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { config, nodeId, database, metrics, logger } = options;
  const { access, redis } = config;
  const jwt = access.jwt && (await usable('access.jwt', Jwt.open(access.jwt)));
  if (access.firstAdmin)
    await usable('access.firstAdmin', checkFirstPassword(access.firstAdmin.passwordFile));

  const onError = (err: unknown) => logger.debug({ err }, 'Redis is away from the cache');
  const connections = redis && (await RedisConnections.create(redis, onError));
  const cache = new HybridCache({ connections, nodeId, metrics });
  const accounts = new Accounts(database, cache);
  const sessions = new Sessions(database, cache, access.sessions);
  const cookies = new Cookies(access.publicUrl);
  const audit = new AuditLog({ database, nodeId, logger, metrics });
  const required = isLoginRequired(access);
  const authenticator = new Authenticator({
    ...{ accounts, sessions, jwt, cookies, required, metrics },
    keys: new ApiKeys(database, cache),
    publicUrl: access.publicUrl,
  });
  const { firstAdmin } = access;
  if (firstAdmin) {
    database?.onAvailable(() => {
      accounts
        .createFirstAdmin(firstAdmin.name, () => readSecret(firstAdmin.passwordFile))
        .then((made) => made && logger.info({ name: firstAdmin.name }, 'first administrator made'))
        .catch((err: unknown) => logger.error({ err }, 'first administrator not made'));
    });
  }

  return {
    audit,
    protect(app) {
      const routes = giveAccess(app);
      authenticator.protect(app);
      audit.observe(app, ({ method, routeOptions }) => isAdministrative(method, routeOptions.config.access));
      return routes;
    },
    admitsStill: (request) => authenticator.admitsStill(request),
    routes(app) {
      loginRoutes(app, {
        ...{ accounts, sessions, authenticator, cookies, audit, metrics },
        limits: new LoginLimits(access.loginAttempts, connections?.open(LIMIT_MILLISECONDS)),
        sessionLimits: access.sessions,
        oidc: access.oidc && {
          client: new Oidc(access.oidc, access.publicUrl ?? '', database),
          issuer: access.oidc.issuer,
          rules: access.oidc,
        },
      });
      accountRoutes(app, {
        ...{ audit, cache },
        settings: new Settings(database, cache),
        methods: { required, password: database !== undefined, oidc: access.oidc?.label ?? null },
      });
    },
    async close() {
      await cache.close();
      connections?.close();
    },
  };
}

async function checkFirstPassword(file: string): Promise<void> {
  const problem = passwordProblem(await readSecret(file));
  if (problem !== undefined) throw new Error(`the password in ${file} can’t be used: ${problem}`);
}

/** A configuration that can't be used is the user's to mend, not an error of ours. */
async function usable<Value>(field: string, result: Promise<Value>): Promise<Value> {
  try {
    return await result;
  } catch (error) {
    throw new ConfigError(field, [error instanceof Error ? error.message : String(error)]);
  }
}
