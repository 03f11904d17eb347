import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Systems take ports above these for connections that go out: one of those could be gone before a server that is just
 * being started listens on it.
 */
const PORTS = { from: 10_000, to: 32_000 };
/** Ports between where two processes begin that were started one after the other. */
const STRIDE = 211;

/** Servers listen only some time after they were given a port: nobody else is given it meanwhile. */
let given = process.pid * STRIDE;

/** A port of loopback that nobody listens on, and another one each time; `wanted` if that is free. */
export async function freePort(wanted = 0): Promise<number> {
  const port = wanted || PORTS.from + (given++ % (PORTS.to - PORTS.from));
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
