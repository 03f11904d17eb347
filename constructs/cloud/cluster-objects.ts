import { type Input, secret } from '@pulumi/pulumi';
import type { ClusterObject } from './provided';

/** A Secret with user name and password, as `CredentialsReference` names them by default. */
export function credentialsSecret(
  name: string,
  credentials: { readonly username: Input<string>; readonly password: Input<string> },
): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'Opaque',
    stringData: { username: credentials.username, password: secret(credentials.password) },
  };
}

/** Key of the bundle in a ConfigMap made by {@link certificateConfigMap}. */
export const CERTIFICATE_KEY = 'ca.pem';

/** A ConfigMap with a PEM bundle of authorities. Public, so no Secret. */
export function certificateConfigMap(name: string, bundle: Input<string>): ClusterObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { [CERTIFICATE_KEY]: bundle } };
}
