import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Makes an authority in a folder (`ca.crt`) and what a server of this name proves itself with (`server.crt`, `.key`). */
export function makeCertificates(folder: string, host: string): void {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...ec, '-subj', '/CN=test', '-keyout', at('ca.key'), '-out', at('ca.crt'));
  openssl(
    ...['req', '-x509', ...ec, '-subj', '/CN=server', '-keyout', at('server.key'), '-out', at('server.crt')],
    ...['-CA', at('ca.crt'), '-CAkey', at('ca.key')],
    ...['-addext', `subjectAltName=DNS:${host}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
  );
}
