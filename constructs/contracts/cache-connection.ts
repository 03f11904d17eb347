import type { NetworkTarget } from './network-target';
import type { CertificateBundle, CredentialsReference } from './secret-reference';

/** A Redis or Valkey server that all nodes share: streams, sessions, cache invalidation. */
export interface CacheConnection {
  /** Host name, or a placeholder that Pulumi fills. */
  readonly host: string;
  /** TCP port: 6379 as a rule, 10000 on Azure Managed Redis. */
  readonly port: number;
  /** One primary, or a cluster of shards (`MOVED` is followed). @default `single` */
  readonly mode?: 'single' | 'cluster';
  /** TLS; `false` only inside the cluster. `true` trusts the public authorities. */
  readonly tls: boolean | { readonly ca: CertificateBundle };
  /** RBAC user and password. @default none: only for development */
  readonly credentials?: CredentialsReference;
  /** Connections that the server grants (`maxclients`). @default not checked */
  readonly maxConnections?: number;
  /** What egress rules must open. */
  readonly egress: NetworkTarget;
}
