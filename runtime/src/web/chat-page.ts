import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../api/api-error.js';

/** Everything the pages consist of: file below `page/`, or another module that they import. */
const FILES: Readonly<Record<string, string>> = {
  'index.html': 'page/index.html',
  'base.css': 'page/base.css',
  'style.css': 'page/style.css',
  'icon.svg': 'page/icon.svg',
  'main.js': 'page/main.js',
  'conversations.css': 'page/conversations.css',
  'actions.js': 'page/actions.js',
  'browser-chat.js': 'page/browser-chat.js',
  'cancels.js': 'page/cancels.js',
  'chat-socket.js': 'page/chat-socket.js',
  'chatting.js': 'page/chatting.js',
  'conversation-list.js': 'page/conversation-list.js',
  'conversations.js': 'page/conversations.js',
  'dom.js': 'page/dom.js',
  'event-stream.js': 'page/event-stream.js',
  'generation.js': 'page/generation.js',
  'markdown.js': 'page/markdown.js',
  'message-log.js': 'page/message-log.js',
  'messages.js': 'page/messages.js',
  'models.js': 'page/models.js',
  'server-chat.js': 'page/server-chat.js',
  'server-conversations.js': 'page/server-conversations.js',
  'sidebar.js': 'page/sidebar.js',
  'account.css': 'page/account.css',
  'account.js': 'page/account.js',
  'login.html': 'page/login.html',
  'login.css': 'page/login.css',
  'login.js': 'page/login.js',
  'cluster.html': 'page/cluster.html',
  'cluster.css': 'page/cluster.css',
  'cluster.js': 'page/cluster.js',
  'cluster-state.js': 'page/cluster-state.js',
  'cluster-tables.js': 'page/cluster-tables.js',
  'cluster-words.js': 'page/cluster-words.js',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Nothing from elsewhere, nothing inline, and no way to make text into script. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** A year, of this host alone. */
const ONLY_TLS = 'max-age=31536000';

interface File {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

/** `GET /`, `/cluster`, `/auth/login` and `/assets/…`: the pages, from memory. */
export async function chatPage(app: FastifyInstance, publicUrl: string | undefined): Promise<void> {
  const files = await load();
  const transport = publicUrl?.startsWith('https:') ? { 'strict-transport-security': ONLY_TLS } : {};
  const send = (name: string, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    const file = files.get(name);
    if (!file) return undefined;
    reply.headers({
      'cache-control': 'no-cache',
      'content-security-policy': POLICY,
      'cross-origin-opener-policy': 'same-origin',
      etag: file.etag,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      ...transport,
    });
    if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
    return reply.type(file.type).send(file.body);
  };
  app.get('/', async (request, reply) => send('index.html', request, reply));
  app.get('/auth/login', async (request, reply) => send('login.html', request, reply));
  app.get('/cluster', async (request, reply) => send('cluster.html', request, reply));
  app.get<{ Params: { file: string } }>('/assets/:file', async (request, reply) => {
    const { file } = request.params;
    const sent = file.endsWith('.html') ? undefined : send(file, request, reply);
    if (!sent) throw notFound(request.url);
    return sent;
  });
}

function notFound(url: string): ApiError {
  return new ApiError(404, 'invalid_request_error', 'unknown_url', `There is nothing at ${url}.`);
}

async function load(): Promise<Map<string, File>> {
  const sources = Object.entries(FILES).map(
    ([name, path]) => [name, new URL(path, import.meta.url)] as const,
  );
  // One file without imports, which browsers can load as it is.
  const marked = new URL(import.meta.resolve('marked'));
  const files = await Promise.all(
    [...sources, ['marked.js', marked] as const].map(async ([name, url]) => {
      const body = await readFile(fileURLToPath(url));
      const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
      return [name, { body, type: TYPES[extname(name)] ?? 'application/octet-stream', etag }] as const;
    }),
  );
  return new Map(files);
}
