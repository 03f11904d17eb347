import type { BusDriver, CacheBusMessage } from 'bentocache/types';
import type { RedisClient, RedisConnections } from '../redis/connection.js';

const CHANNEL = 'polypod:cache';

/** One message: which bus sent it, for which cache, and what it says. */
interface Envelope {
  readonly from: string;
  readonly channel: string;
  readonly payload: unknown;
}

interface Subscription {
  /** The bus that has subscribed: what it said itself, it knows. */
  readonly id: string;
  readonly handler: (payload: never) => unknown;
}

/**
 * Tells the other nodes what has changed, for all caches over one connection. Publishing fails at once while Redis is
 * away. bentocache's own transport would wait for it, and with it every request that writes.
 */
export class RedisBus {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly reconnected: (() => void)[] = [];

  /** `onMissed`: messages may have been missed. `onMessage`: another node has said something. */
  constructor(
    connections: RedisConnections,
    private readonly publisher: RedisClient,
    private readonly onMissed: () => void,
    private readonly onMessage: () => void,
  ) {
    connections.subscribe(
      CHANNEL,
      (message) => this.receive(message),
      () => this.connected(),
    );
  }

  /** As bentocache takes it; one for each cache. */
  transport(): BusDriver {
    let id = '';
    const transport: BusDriver = {
      setId: (given) => {
        id = given;
        return transport;
      },
      onReconnect: (callback) => void this.reconnected.push(callback),
      publish: async (channel, payload) => {
        const envelope: Envelope = { from: id, channel, payload };
        await this.publisher.publish(CHANNEL, JSON.stringify(envelope));
      },
      subscribe: async (channel, handler) => {
        this.subscriptions.set(channel, { id, handler });
      },
      unsubscribe: async (channel) => void this.subscriptions.delete(channel),
      disconnect: async () => {},
    };
    return transport;
  }

  /** Gives a cache a message that no node has sent. */
  deliver(channel: string, message: CacheBusMessage): void {
    this.subscriptions.get(channel)?.handler(message as never);
  }

  private receive(message: string): void {
    const { from, channel, payload }: Envelope = JSON.parse(message);
    const subscription = this.subscriptions.get(channel);
    if (!subscription || subscription.id === from) return;
    subscription.handler(payload as never);
    this.onMessage();
  }

  private connected(): void {
    this.onMissed();
    for (const callback of this.reconnected) callback();
  }
}
