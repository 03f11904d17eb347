import { Pool } from 'undici';
import type { Members } from '../members.js';

/** A stream says something every 15 s at least: after so long its connection is dead. */
const SILENCE_MILLISECONDS = 60_000;
const KEEP_ALIVE_MILLISECONDS = 30_000;

/** Connections to other nodes' peer ports that stay open, for as long as these are members. */
export class PeerPools {
  private readonly pools = new Map<string, Pool>();

  constructor(
    private readonly members: Members,
    private readonly connectSeconds: number,
  ) {
    members.onChange(() => this.closeGone());
  }

  of(url: string): Pool {
    let pool = this.pools.get(url);
    if (!pool) {
      pool = new Pool(url, {
        connect: { timeout: this.connectSeconds * 1000 },
        // An answer as a whole may take as long as it takes; whether its node lives is known from its heartbeats.
        headersTimeout: 0,
        bodyTimeout: SILENCE_MILLISECONDS,
        keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
      });
      this.pools.set(url, pool);
    }
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
  }

  private closeGone(): void {
    const urls = new Set(this.members.all.map(({ peerUrl }) => peerUrl));
    for (const [url, pool] of this.pools) {
      if (urls.has(url)) continue;
      this.pools.delete(url);
      void pool.close();
    }
  }
}
