import { getInstance } from '@pulumi/gcp/redis/getInstance';
import { type InvokeOptions, secret } from '@pulumi/pulumi';
import {
  CERTIFICATE_KEY,
  certificateConfigMap,
  type ExistingCredentials,
  existingCredentials,
  lookUp,
  type Provided,
  refuse,
} from '../cloud';
import type { CacheConnection, Problem } from '../contracts';
import { pemBundle } from './cache';
import { CACHE_CONNECTIONS } from './cache-sizes';

/** A Redis instance of Memorystore that exists, in the VPC of the nodes. */
export interface ExistingCacheArgs {
  /** Name of the Secret and the ConfigMap that are made. */
  readonly name: string;
  readonly instanceName: string;
  /** User `default` and the instance's AUTH string. @default looked up */
  readonly credentials?: ExistingCredentials;
  /** Connections that the topology will open at most. @default not checked */
  readonly requiredConnections?: number;
}

/** Connections with TLS before Redis 7, by the most GiB. */
const OLDER = [
  [4, 1000],
  [10, 2500],
  [35, 15_000],
  [100, 30_000],
] as const;

/**
 * Finds a Redis instance and refuses one that loses streams with a zone, forgets them when full or shows them on the
 * wire.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingCache(
  args: ExistingCacheArgs,
  region: string,
  options?: InvokeOptions,
): Promise<Provided<CacheConnection>> {
  const { name, instanceName, requiredConnections } = args;
  const path = 'instanceName';
  const found = await lookUp(path, instanceName, () => getInstance({ name: instanceName, region }, options));
  const maxConnections = connectionsOf(found.redisVersion, found.memorySizeGb);

  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) => problems.push({ path, value: instanceName, reason, mend });
  if (found.tier !== 'STANDARD_HA') unfit(`is of tier ${found.tier}, in one zone`, 'make it STANDARD_HA');
  if (found.transitEncryptionMode !== 'SERVER_AUTHENTICATION') {
    unfit('has no TLS', 'make it anew with in-transit encryption: it can not be added');
  }
  if (!found.authEnabled) unfit('lets everybody in', 'turn AUTH on');
  if (found.redisConfigs['maxmemory-policy'] !== 'noeviction') {
    unfit('evicts keys when it is full', 'set maxmemory-policy to noeviction');
  }
  if (requiredConnections !== undefined && requiredConnections > maxConnections) {
    unfit(
      `grants ${maxConnections} connections, and ${requiredConnections} are asked for`,
      'upgrade it to Redis 7, or take fewer pods',
    );
  }
  refuse('cache', problems);

  const credentials = args.credentials ?? { username: 'default', password: secret(found.authString) };
  const { reference, objects } = existingCredentials(name, credentials);
  return {
    contract: {
      host: found.host,
      port: found.port,
      mode: 'single',
      tls: { ca: { configMapName: `${name}-ca`, key: CERTIFICATE_KEY } },
      credentials: reference,
      maxConnections,
      // The address stays in a failover.
      egress: { cidrs: [`${found.host}/32`], ports: [found.port] },
    },
    objects: [...objects, certificateConfigMap(`${name}-ca`, pemBundle(found.serverCaCerts))],
    ready: [],
  };
}

function connectionsOf(version: string, gib: number): number {
  if (/^REDIS_([7-9]|\d\d)/.test(version)) return CACHE_CONNECTIONS;
  return OLDER.find(([most]) => gib <= most)?.[1] ?? CACHE_CONNECTIONS;
}
