/** Credentials in a Kubernetes Secret of the workload's own namespace. Never the values themselves. */
export interface CredentialsReference {
  /** Name of the Secret. */
  readonly secretName: string;
  /** Key of the user name. @default `username` */
  readonly usernameKey?: string;
  /** Key of the password. @default `password` */
  readonly passwordKey?: string;
}

/** One value in a Kubernetes Secret of the workload's own namespace. */
export interface SecretKeyReference {
  /** Name of the Secret. */
  readonly secretName: string;
  /** Key of the value. */
  readonly key: string;
}

/** A PEM bundle of certificate authorities, from a ConfigMap or a Secret of the workload's own namespace. */
export type CertificateBundle =
  | { readonly configMapName: string; readonly key: string }
  | { readonly secretName: string; readonly key: string };
