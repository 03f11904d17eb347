import type { NetworkTarget } from './network-target';
import type { CertificateBundle, CredentialsReference } from './secret-reference';

/** A PostgreSQL (or, where a system needs it, MySQL) database that all nodes share. */
export interface DatabaseConnection {
  /** @default `postgresql` */
  readonly engine?: 'postgresql' | 'mysql';
  /** Host name, or a placeholder that Pulumi fills. It is what the server's certificate must say. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** Name of the database. */
  readonly database: string;
  /**
   * `verify-full` against a bundle of authorities, or the image's public ones; `false` only inside the cluster.
   */
  readonly tls: false | { readonly mode: 'verify-full'; readonly ca?: CertificateBundle };
  /** User and password. */
  readonly credentials: CredentialsReference;
  /** Connections that the server grants to this application (`max_connections` less what it reserves). */
  readonly maxConnections: number;
  /** What egress rules must open. */
  readonly egress: NetworkTarget;
}
