import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Systems take ports above these for connections that go out: one of those could be gone before a server that is just
 * being started listens on it.
 */
const PORTS = { from: 10_000, to: 32_000 };
/** What this process has been given: servers that are started together listen on theirs only later. */
const given = new Set<number>();

/** A port of loopback that nobody listens on, and another one each time; `wanted` if that is free. */
export async function freePort(wanted = 0): Promise<number> {
  const port = wanted || PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
  if (port !== wanted && given.has(port)) return freePort();
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return freePort();
  }
  server.close();
  await once(server, 'close');
  given.add(port);
  return port;
}
