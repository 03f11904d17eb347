import { Agent, request } from 'undici';
import type { PeerTokens } from './peers/peer-tokens.js';

const PATIENCE_MILLISECONDS = 2_000;

/**
 * Asks a peer something small, and waits 2 seconds unless told otherwise. Throws an error with a `code` of the
 * socket's, or with the answer's status.
 */
export type PeerCall = (url: string, body: unknown, patienceMilliseconds?: number) => Promise<unknown>;

/** Calls other nodes' peer ports with tokens for just these ports, over connections that stay. */
export class PeerCaller {
  private readonly agent = new Agent({
    connect: { timeout: PATIENCE_MILLISECONDS },
    keepAliveTimeout: 30_000,
  });

  constructor(private readonly tokens: PeerTokens) {}

  readonly post: PeerCall = async (url, body, patience = PATIENCE_MILLISECONDS) => {
    const { statusCode, body: answer } = await request(url, {
      dispatcher: this.agent,
      method: 'POST',
      headers: {
        authorization: `Bearer ${await this.tokens.tokenFor(new URL(url).origin)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    });
    if (statusCode === 200) return answer.json();
    await answer.dump();
    throw new Error(`${url} answered ${statusCode}`);
  };

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}
