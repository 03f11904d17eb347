import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Systems take ports above these for connections that go out: one of those could be gone before a server that is just
 * being started listens on it.
 */
const PORTS = { from: 10_000, to: 32_000 };

/** A port of loopback that nobody listens on; `wanted` if that is one. */
export async function freePort(wanted = 0): Promise<number> {
  const port = wanted || PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return freePort();
  }
  server.close();
  await once(server, 'close');
  return port;
}
