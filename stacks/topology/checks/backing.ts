import { addressFamily, cidrContains, parseCidr } from '../../../constructs/contracts/cidr';
import { problem, REPLICAS, type SystemCheck } from './check';

/** What the pods of a system share by a cache. */
export interface CacheUse {
  /** Key under `allow` that lets the pods do without. */
  readonly allowedBy: string;
  /** What happens then, as a sentence of a message. */
  readonly loses: string;
}

/**
 * Plain synth has no foundation that would make what the file leaves out.
 *
 * @param image what an image of such a system is called
 */
export const backingComplete = (image: string): SystemCheck => ({
  reads: ['backing'],
  *check({ backing }, _topology, context) {
    if (context.backing === 'from-foundation') return;
    const mends = {
      image: `name the image: ${image}`,
      storage: 'name it: { kind: existing-class, name: … }, or efs, filestore, azure-files, nfs',
      database:
        'name it: { host: …, credentials: …, maxConnections: …, cidrs: […] }, or write local to run one in the cluster',
    } as const;
    for (const [field, mend] of Object.entries(mends)) {
      if (backing[field as keyof typeof mends] !== undefined) continue;
      const reason = 'is missing: without Pulumi there is no foundation to make it';
      yield problem(`backing.${field}`, undefined, reason, mend);
    }
  },
});

/** More than one pod without a cache, although they share something by it. */
export const cacheShared = ({ allowedBy, loses }: CacheUse): SystemCheck => ({
  reads: ['backing', 'allow', ...REPLICAS],
  *check({ backing, workloads, allow }, _topology, context) {
    if (
      backing.cache !== undefined ||
      context.backing === 'from-foundation' ||
      allow[allowedBy] !== undefined
    )
      return;
    const pods = workloads.reduce((sum, { replicas }) => sum + replicas.max, 0);
    if (pods < 2) return;
    const reason = `is missing with up to ${pods} pods: ${loses}`;
    const mend = `name a Redis or Valkey, write local to run one in the cluster, or say in allow.${allowedBy} why it will do`;
    yield problem('backing.cache', undefined, reason, mend);
  },
});

/** Where servers are, and that the way to them is encrypted. */
export const serversReachable: SystemCheck = {
  reads: ['backing'],
  *check(_settings, { backing }) {
    for (const field of ['cache', 'database'] as const) {
      const server = backing[field];
      if (typeof server !== 'object') continue;
      const path = `backing.${field}`;
      if (server.cidrs !== undefined && server.pods !== undefined) {
        yield problem(
          `${path}.pods`,
          undefined,
          'stands beside cidrs; a server is in the cluster or outside',
          'keep one of the two',
        );
      }
      if (server.cidrs === undefined && server.pods === undefined) {
        const reason = 'is missing: the network policy would block the server';
        yield problem(
          `${path}.cidrs`,
          undefined,
          reason,
          'write the CIDR blocks of its subnets, or pods: { labels: … } if it runs in this cluster',
        );
      }
      for (const [index, cidr] of (server.cidrs ?? []).entries()) {
        if (!cidr.endsWith('/0')) continue;
        yield problem(
          `${path}.cidrs[${index}]`,
          cidr,
          'is the whole internet',
          'write the CIDR blocks of its subnets',
        );
      }
      if (server.cidrs !== undefined && isOutside(server.host, server.cidrs)) {
        yield problem(
          `${path}.host`,
          server.host,
          'lies in none of its own cidrs: the network policy would block it',
          'correct it, or add its block to cidrs',
        );
      }
      if (server.tls === 'off' || server.tls === false) {
        if (server.pods === undefined) {
          const reason = 'sends credentials and conversations in clear text out of the cluster';
          yield problem(
            `${path}.tls`,
            server.tls,
            reason,
            field === 'cache' ? 'write true' : 'write verify-full',
          );
        }
        if (server.ca !== undefined)
          yield problem(`${path}.ca`, undefined, 'has no effect without TLS', 'take it out, or turn tls on');
      }
    }
    const { cache, database } = backing;
    if (
      typeof cache === 'object' &&
      typeof database === 'object' &&
      cache.host === database.host &&
      cache.port === database.port
    ) {
      const reason = 'is the host and port of backing.database, too';
      yield problem('backing.cache.port', cache.port, reason, 'write the port of the cache: 6379 as a rule');
    }
  },
};

/** Whether a host is an address that no block holds; what a name resolves to, nobody knows here. */
function isOutside(host: string, cidrs: readonly string[]): boolean {
  const family = addressFamily(host);
  if (family === undefined) return false;
  const address = parseCidr(`${host}/${family === 4 ? 32 : 128}`);
  return (
    address.ok &&
    !cidrs.some((cidr) => {
      const block = parseCidr(cidr);
      return block.ok && cidrContains(block.value, address.value);
    })
  );
}
