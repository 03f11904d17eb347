import type { ServerResponse } from 'node:http';

export interface SseEvent {
  readonly event?: string;
  readonly data: string;
}

/** Proxies cut connections that are silent for a minute; a comment now and then keeps them. */
const KEEP_ALIVE_MILLISECONDS = 15_000;

/** Sends a stream of events, as {@link writeEvents} does, from its head on. */
export async function sendEvents(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  batches: AsyncIterable<readonly SseEvent[]>,
  after: number,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...headers,
  });
  response.flushHeaders();
  await writeEvents(response, batches, after);
}

/**
 * Writes events, numbered from 0, and leaves out those up to `after`, which the client has. Waits for slow clients;
 * stops when the client is gone.
 */
export async function writeEvents(
  response: ServerResponse,
  batches: AsyncIterable<readonly SseEvent[]>,
  after: number,
): Promise<void> {
  const keepAlive = setInterval(() => response.write(': keep-alive\n\n'), KEEP_ALIVE_MILLISECONDS);
  try {
    let number = 0;
    for await (const batch of batches) {
      let text = '';
      for (const { event, data } of batch) {
        const id = number++;
        if (id <= after) continue;
        text += `${event === undefined ? '' : `event: ${event}\n`}id: ${id}\ndata: ${data}\n\n`;
      }
      if (response.destroyed) return;
      if (text !== '' && !response.write(text)) await drained(response);
    }
    response.end();
  } catch (error) {
    // Cut, not ended: a client must see that this was not all, and come back for the rest.
    response.destroy();
    throw error;
  } finally {
    clearInterval(keepAlive);
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
