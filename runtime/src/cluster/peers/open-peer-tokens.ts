import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../../config/config.js';
import { ConfigError } from '../../config/load-config.js';
import { ClusterSecret } from './cluster-secret.js';
import { PeerTokens } from './peer-tokens.js';

export interface OpenPeerTokens {
  readonly tokens: PeerTokens;
  close(): void;
}

/** How this node and others know each other; `undefined` without a cluster secret. */
export async function openPeerTokens(
  { cluster }: Pick<Config, 'cluster'>,
  nodeId: string,
  logger: Logger,
): Promise<OpenPeerTokens | undefined> {
  const { secretFile: file } = cluster;
  if (file === undefined) return undefined;
  const options = {
    file,
    overlapSeconds: () => cluster.secretOverlapSeconds,
    onChange(error?: unknown) {
      if (error === undefined) logger.info('cluster secret changed');
      else logger.error({ err: error }, 'new cluster secret not used');
    },
  };
  const secret = await ClusterSecret.open(options).catch((error: unknown) => {
    throw new ConfigError('cluster.secretFile', [error instanceof Error ? error.message : String(error)]);
  });
  return { tokens: new PeerTokens(secret, nodeId), close: () => secret.close() };
}

/** Who found the peer port by DNS does not know this node's id yet: its addresses are names too. */
export function nameByAddresses({ tokens }: OpenPeerTokens, peers: FastifyInstance, peerUrl: string): void {
  tokens.alsoFor(peerUrl);
  const { port } = peers.server.address() as AddressInfo;
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((each) => each ?? [])) {
    tokens.alsoFor(`http://${family === 'IPv6' ? `[${address}]` : address}:${port}`);
  }
}
