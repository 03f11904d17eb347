/** One of the names that Cloud SQL gives an instance. */
interface DnsName {
  readonly name: string;
  readonly connectionType: string;
  readonly dnsScope: string;
}

/**
 * The name that an instance's certificate is made out to for private service access, with the dot at its end:
 * `UID.LABEL.REGION.sql-psa.goog.` Only instances with a shared or a customer's authority have one.
 * https://cloud.google.com/sql/docs/postgres/configure-ssl-instance#server-certs
 *
 * @returns an empty text where there is none
 */
export function instanceDnsName(names: readonly DnsName[]): string {
  const found = names.find(
    ({ connectionType, dnsScope }) => connectionType === 'PRIVATE_SERVICES_ACCESS' && dnsScope === 'INSTANCE',
  );
  return found === undefined ? '' : found.name.replace(/\.?$/, '.');
}
