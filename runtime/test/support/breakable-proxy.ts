import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network that can be cut: connections through it break at once, and new ones are refused. */
export class BreakableProxy {
  private readonly sockets = new Set<Socket>();
  private whole = true;
  private readonly server = createServer((client) => {
    if (!this.whole) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });

  private constructor(private target: URL) {}

  static async start(target: string): Promise<BreakableProxy> {
    const proxy = new BreakableProxy(new URL(target));
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.whole = false;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** New connections go elsewhere. */
  leadTo(target: string): void {
    this.target = new URL(target);
  }

  mend(): void {
    this.whole = true;
  }

  stop(): void {
    this.cut();
    this.server.close();
  }
}
