/** An OpenAI server that does no work, in a process of its own: what routers are measured before. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MODEL, type MockRequest } from './mock-request.js';

const EVENT = `data: ${JSON.stringify({
  id: 'chatcmpl-0123456789abcdef',
  object: 'chat.completion.chunk',
  created: 1,
  model: MODEL,
  choices: [{ index: 0, delta: { content: ' word' }, finish_reason: null }],
})}\n\n`;
const WHOLE = JSON.stringify({
  id: 'chatcmpl-0123456789abcdef',
  object: 'chat.completion',
  created: 1,
  model: MODEL,
  choices: [{ index: 0, message: { role: 'assistant', content: 'A word.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
});
const WHOLE_HEADERS = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(WHOLE) };
const MODELS = JSON.stringify({ object: 'list', data: [{ id: MODEL, object: 'model' }] });

interface Running {
  readonly response: ServerResponse;
  left: number;
}

/** Streams without a pace: each gets one event a turn, as the steps of an engine bring them. */
const unpaced = new Set<Running>();

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.setHeader('content-type', 'application/json').end(MODELS);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body: MockRequest = JSON.parse(Buffer.concat(chunks).toString());
    if (!body.stream) response.writeHead(200, WHOLE_HEADERS).end(WHOLE);
    else stream(response, body);
  });
});

function stream(response: ServerResponse, { max_tokens, pace }: MockRequest): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const running: Running = { response, left: max_tokens };
  if (!pace) {
    unpaced.add(running);
    if (unpaced.size === 1) setImmediate(turn);
    return;
  }
  emit(running);
  const timer = setInterval(() => {
    if (emit(running)) clearInterval(timer);
  }, pace);
}

function turn(): void {
  for (const running of unpaced) {
    if (!running.response.writableNeedDrain && emit(running)) unpaced.delete(running);
  }
  if (unpaced.size > 0) setImmediate(turn);
}

/** Writes the next event, as a write of its own; `true` after the last. */
function emit(running: Running): boolean {
  const { response } = running;
  if (response.destroyed) return true;
  response.write(EVENT);
  if (--running.left > 0) return false;
  response.end('data: [DONE]\n\n');
  return true;
}

server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
