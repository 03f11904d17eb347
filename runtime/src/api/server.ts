import { isUtf8 } from 'node:buffer';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify';
import type { Config } from '../config/config.js';
import { requestId } from '../operations/request-log.js';
import { ApiError, invalidRequest, toApiError } from './api-error.js';
import { nestsTooDeep, tooDeep } from './nesting.js';
import { decorateAnswerId } from './openai/answer-id.js';
import { trustedProxies } from './trusted-proxies.js';
import { isUpgrade } from './upgrade.js';

export interface ServerOptions {
  readonly logger: FastifyBaseLogger;
  readonly maxBodyBytes: number;
  /** How connections are kept within bounds. @default Node's own */
  readonly http?: Config['http'];
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** An HTTP server that answers every error in OpenAI's shape. Routes are added by who calls it. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { logger } = options;
  const app = Fastify({
    // Fastify's own lines, such as every address that it listens on, are noise; requests log as they like.
    loggerInstance: logger.child({}, { level: logger.level === 'silent' ? 'silent' : 'error' }),
    childLoggerFactory: (_own, bindings, options) => logger.child(bindings, options),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.maxBodyBytes,
    genReqId: requestId,
    ...(options.http && boundConnections(options.http)),
    // A client that leaves in the middle is no error of ours.
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      const known = toApiError(error) ?? invalidRequest(error.message, null);
      void reply.code(known.status).send(known.body);
    },
  });

  if (options.http) app.server.maxConnections = options.http.maxConnections;

  decorateAnswerId(app);
  acceptJsonOnly(app);
  const routes = rememberRoutes(app);

  app.setErrorHandler((error, request, reply) => {
    const known = toApiError(error);
    if (!known) request.log.error({ err: error }, 'request failed');
    const answer = known ?? new ApiError(500, 'server_error', 'internal_error', 'The server had an error.');
    void reply.code(answer.status).headers(answer.headers).send(answer.body);
  });

  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = routes.filter((route) => route.pattern.test(path)).flatMap((route) => route.methods);
    if (allowed.length === 0) {
      throw new ApiError(404, 'invalid_request_error', 'unknown_url', `There is nothing at ${path}.`);
    }
    const message = `${request.method} is not possible at ${path}; ${allowed.join(', ')} is.`;
    const allow = METHODS.filter((method) => allowed.includes(method)).join(', ');
    throw new ApiError(405, 'invalid_request_error', 'method_not_allowed', message, null, { allow });
  });
  // Node.js hands the connection of an upgrade over and forgets it: one that is refused would stay open for good.
  app.addHook('onResponse', async ({ raw }) => {
    if (isUpgrade(raw)) raw.socket.destroySoon();
  });
  return app;
}

/** Slow and idle clients hold a connection for a known time only. */
function boundConnections(http: Config['http']) {
  return {
    trustProxy: trustedProxies(http),
    requestTimeout: http.requestTimeoutSeconds * 1000,
    keepAliveTimeout: http.keepAliveSeconds * 1000,
    http: {
      headersTimeout: http.headersTimeoutSeconds * 1000,
      connectionsCheckingInterval: 1_000,
      shouldUpgradeCallback: isUpgrade,
    },
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, until it is known who answers. */
    rawBody: Buffer | undefined;
  }
}

/** Reads every body, whatever it says it is, so that too large a one is always a 413; then takes JSON in UTF-8 only. */
function acceptJsonOnly(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.decorateRequest('rawBody');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    // Clients name the type also where they send nothing; the routes that need a body refuse none.
    if (bytes.length === 0) return done(null, undefined);
    request.rawBody = bytes;
    if (!isUtf8(bytes)) return done(invalidRequest('The body is not valid UTF-8.', null, 'invalid_body'));
    const text = bytes.toString();
    if (nestsTooDeep(text)) done(tooDeep('The body'));
    else parseJson(request, text, done);
  });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => {
    done(
      new ApiError(415, 'invalid_request_error', 'unsupported_media_type', 'Send JSON, as application/json.'),
    );
  });
}

interface Route {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
}

function rememberRoutes(app: FastifyInstance): Route[] {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const literal = url.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
    const pattern = literal.replaceAll(/:[^/]+/g, '[^/]+').replaceAll('*', '.+');
    routes.push({ pattern: new RegExp(`^${pattern}$`), methods: [method].flat() });
  });
  return routes;
}
