import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/**
 * The roots that Azure's databases are signed by, for PostgreSQL and MySQL:
 * https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-ssl-tls
 */
const ROOTS: Readonly<Record<string, string>> = {
  'DigiCert Global Root G2':
    'CB:3C:CB:B7:60:31:E5:E0:13:8F:8D:D3:9A:23:F9:DE:47:FF:C3:5E:43:C1:14:4C:EA:27:D4:6A:5A:B1:CB:5F',
  'Microsoft RSA Root Certificate Authority 2017':
    'C7:41:F7:0F:4B:2A:8D:88:BF:2E:71:C1:41:22:EF:53:EF:10:EB:A0:CF:A5:E6:4C:FA:20:F4:18:85:30:73:E0',
};

/**
 * The authorities as PEM, which live until 2038 and 2042. They are Node's own copies of them, found by fingerprint, so
 * that neither a deployment nor a pod fetches what it is to trust.
 */
export function databaseAuthorities(): string {
  const wanted = new Set(Object.values(ROOTS));
  const found = rootCertificates.filter((pem) => wanted.has(new X509Certificate(pem).fingerprint256));
  if (found.length < wanted.size) {
    throw new Error(
      `this Node.js does not trust ${Object.keys(ROOTS).join(' and ')}: use a supported version`,
    );
  }
  return `${found.map((pem) => pem.trim()).join('\n')}\n`;
}
