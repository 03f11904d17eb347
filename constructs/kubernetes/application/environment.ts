import type { EnvVar, Volume } from 'kubernetes-types/core/v1';
import type { CertificateBundle, CredentialsReference } from '../../contracts';

/** Environment variables that a Secret of the namespace fills: a user name and a password. */
export function accountVariables(
  variables: { readonly user: string; readonly password: string },
  { secretName, usernameKey = 'username', passwordKey = 'password' }: CredentialsReference,
): EnvVar[] {
  return [
    secretVariable(variables.user, secretName, usernameKey),
    secretVariable(variables.password, secretName, passwordKey),
  ];
}

/** An environment variable that a Secret of the namespace fills. */
export function secretVariable(name: string, secretName: string, key: string): EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
}

/** A volume that holds a bundle of authorities as one file. */
export function certificateVolume(name: string, bundle: CertificateBundle, file: string): Volume {
  const items = [{ key: bundle.key, path: file }];
  return 'secretName' in bundle
    ? { name, secret: { secretName: bundle.secretName, items, defaultMode: 0o444 } }
    : { name, configMap: { name: bundle.configMapName, items, defaultMode: 0o444 } };
}

/** Host and port as URLs write them: IPv6 addresses in brackets. */
export function authority({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * A line of shell that puts user and password, each from its own variable, into the URL that another variable holds.
 * Every byte of them is percent-encoded, so that any password is right; and no manifest ever holds the whole URL.
 * Needs `od` and `tr`, as BusyBox and Debian have them.
 */
export function accountIntoUrl(variables: {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}) {
  const { url, user, password } = variables;
  const encoded = (name: string) => `$(printf %s "$${name}" | od -An -v -tx1 | tr -d '\\n' | tr ' ' %)`;
  return `export ${url}="\${${url}%%://*}://${encoded(user)}:${encoded(password)}@\${${url}#*://}"`;
}
