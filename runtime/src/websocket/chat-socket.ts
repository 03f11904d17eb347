import { randomUUID } from 'node:crypto';
import fastifyWebsocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PATHS } from '../../contract.cjs';
import { ApiError } from '../api/api-error.js';
import { parseBody } from '../api/validation.js';
import type { Config } from '../config/config.js';
import type { ConversationLog } from '../conversations/conversation-log.js';
import type { Conversations } from '../conversations/conversations.js';
import { assertRole } from '../identity/principal.js';
import type { Metrics } from '../operations/metrics.js';
import type { RedisConnections } from '../redis/connection.js';
import type { StreamJournal } from '../streams/journal.js';
import { ChatConnection } from './chat-connection.js';
import { type ChatSession, ChatSessions } from './sessions.js';

export interface ChatSocketOptions {
  readonly conversations: Conversations;
  readonly log: ConversationLog;
  readonly journal: StreamJournal;
  readonly node: string;
  readonly config: () => Config['websocket'];
  /** Under which browsers reach the cluster, if it is known. */
  readonly publicUrl: string | undefined;
  /** Aborted once the node takes no new work. */
  readonly draining: AbortSignal;
  /** Throws what the limits of load refuse to this client. */
  readonly admit: (request: FastifyRequest) => Promise<void>;
  /** Whether who has connected still may. */
  readonly admitsStill: (request: FastifyRequest) => Promise<boolean>;
  readonly metrics: Metrics;
  readonly redis: RedisConnections | undefined;
}

/** Seed 004's parameters. `user_id` may only say what the credentials say too. */
const query = z.object({
  session_id: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, 'it must be 1 to 64 letters, digits, _, -, . or :')
    .optional(),
  user_id: z.string().max(256).optional(),
  token: z
    .undefined({
      error:
        'URLs end up in logs: send it as the header Authorization: Bearer …, or sign in and use the cookie',
    })
    .optional(),
});

interface Open {
  readonly connection: ChatConnection;
  readonly address: string;
  readonly connected: number;
}

/** `GET /ws/chat` upgraded, and `GET /api/v1/sessions`. Returns how to close what it holds. */
export async function chatSocket(
  app: FastifyInstance,
  options: ChatSocketOptions,
): Promise<() => Promise<void>> {
  const { metrics, node, config, log, draining } = options;
  const open = new Map<string, Open>();
  const ownSessions = (): ChatSession[] =>
    [...open.values()].map(({ connection, address, connected }) => ({
      ...{ id: connection.session, node, address, connected },
      user: connection.principal.id,
      conversations: connection.conversations,
    }));
  const sessions = new ChatSessions(node, ownSessions, options.redis);
  log.onNews((news) => {
    for (const { connection } of open.values()) connection.tell(news);
  });
  metrics.onScrape(() => metrics.of.websocketConnections.set(open.size));
  draining.addEventListener('abort', () => {
    for (const { connection } of open.values()) connection.restart();
  });

  await app.register(fastifyWebsocket, {
    options: { maxPayload: config().maxFrameBytes, perMessageDeflate: false },
    errorHandler: (_error, socket) => socket.terminate(),
    preClose(done) {
      for (const { connection } of open.values()) connection.restart();
      done();
    },
  });

  const admitted = (request: FastifyRequest): void => {
    if (draining.aborted) {
      throw new ApiError(503, 'server_error', 'draining', 'The node is shutting down: try again.', null, {
        'retry-after': '1',
      });
    }
    const { publicUrl } = options;
    checkOrigin(request, [...config().allowedOrigins, ...(publicUrl === undefined ? [] : [publicUrl])]);
    assertRole(request.principal, 'user');
    const { maxConnections, maxConnectionsPerUser } = config();
    if (open.size >= maxConnections) throw tooMany(`${maxConnections} WebSockets are open on this node.`);
    const own = [...open.values()].filter(({ connection, address }) =>
      isSame(connection.principal.id, address, request),
    );
    if (own.length >= maxConnectionsPerUser) {
      throw tooMany(`You have ${maxConnectionsPerUser} WebSockets open on this node.`);
    }
  };

  app.get(
    PATHS.chat,
    {
      websocket: true,
      preValidation: async (request) => {
        try {
          const { user_id: user } = parseBody(query, request.query);
          const { id, name } = request.principal;
          if (user !== undefined && user !== id && user !== name) {
            const message = "'user_id' is not who your credentials say you are: leave it out.";
            throw new ApiError(403, 'permission_error', 'user_mismatch', message, 'user_id');
          }
          admitted(request);
        } catch (error) {
          metrics.of.websocketRefused.inc();
          throw error;
        }
      },
    },
    async (socket, request) => {
      const { session_id: named } = parseBody(query, request.query);
      const { principal, ip } = request;
      const key = randomUUID();
      const connection = new ChatConnection(socket, named ?? key, principal, {
        ...options,
        admit: () => options.admit(request),
        admitsStill: () => options.admitsStill(request),
        onFollow: () => sessions.refresh(),
        log: request.log,
      });
      open.set(key, { connection, address: ip, connected: Math.floor(Date.now() / 1000) });
      socket.once('close', (code) => {
        open.delete(key);
        sessions.refresh();
        metrics.of.websocketClosed.inc({ code: String(code) });
      });
      metrics.of.websocketOpened.inc();
      await connection.greet();
      if (await sessions.remember(connection.session, principal.id)) metrics.of.websocketReconnects.inc();
      sessions.refresh();
    },
  );

  app.get('/api/v1/sessions', async (request) => {
    assertRole(request.principal, 'operator');
    const data = await sessions.all();
    return { object: 'list', data };
  });

  return () => sessions.close();
}

/** Who has no cookie and no key is told apart by address. */
function isSame(user: string, address: string, { principal, ip }: FastifyRequest): boolean {
  return user === principal.id && (principal.kind !== 'anonymous' || address === ip);
}

/**
 * A browser sends its cookies with a WebSocket whichever page opens it, and says in Origin which page that is. Programs
 * send none.
 */
function checkOrigin({ headers, host }: FastifyRequest, allowed: readonly string[]): void {
  const { origin } = headers;
  if (origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  if (allowed.some((each) => new URL(each).origin === origin)) return;
  throw new ApiError(
    403,
    'permission_error',
    'origin_not_allowed',
    `Pages of ${origin.slice(0, 200)} may not connect here, at ${host}: name it in websocket.allowedOrigins, or let the proxy pass the Host header on.`,
  );
}

function tooMany(message: string): ApiError {
  return new ApiError(429, 'rate_limit_error', 'too_many_connections', message, null, { 'retry-after': '5' });
}
