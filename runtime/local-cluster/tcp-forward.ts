import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Hands connections to a port of another address on to the same port of loopback. */
export class TcpForward {
  private readonly sockets = new Set<Socket>();
  private readonly server;

  private constructor(port: number) {
    this.server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.sockets.add(from);
        from.setNoDelay(true);
        from.on('error', () => {});
        from.on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  static async start(host: string, port: number): Promise<TcpForward> {
    const forward = new TcpForward(port);
    await once(forward.server.listen(port, host), 'listening');
    return forward;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
