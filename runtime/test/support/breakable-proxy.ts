import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network that can be cut: connections through it break at once, and new ones are refused, or lead nowhere. */
export class BreakableProxy {
  /** Connections that were made while they led nowhere. */
  swallowed = 0;

  private readonly sockets = new Set<Socket>();
  private state: 'whole' | 'cut' | 'leading nowhere' = 'whole';
  private readonly server = createServer((client) => {
    if (this.state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    if (this.state === 'leading nowhere') {
      this.swallowed++;
      this.sockets.add(client);
      client.on('error', () => {}).on('close', () => this.sockets.delete(client));
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
    this.state = 'cut';
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** As a route to a node without power: nothing comes back. */
  leadNowhere(): void {
    this.cut();
    this.state = 'leading nowhere';
  }

  /** New connections go elsewhere. */
  leadTo(target: string): void {
    this.target = new URL(target);
  }

  /** From now on; who was led nowhere stays there. */
  mend(): void {
    this.state = 'whole';
  }

  stop(): void {
    this.cut();
    this.server.close();
  }
}
