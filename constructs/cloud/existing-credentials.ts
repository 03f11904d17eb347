import type { Input } from '@pulumi/pulumi';
import type { CredentialsReference } from '../contracts';
import { credentialsSecret } from './cluster-objects';
import type { ClusterObject } from './provided';

/**
 * User and password of something that exists: the values, of which a Secret is made, or a Secret that somebody else
 * (an External Secrets operator, say) keeps in the workload's namespace.
 */
export type ExistingCredentials =
  | { readonly username: Input<string>; readonly password: Input<string> }
  | CredentialsReference;

/** The reference for the contract, and the Secret where one has to be made. */
export function existingCredentials(
  name: string,
  credentials: ExistingCredentials,
): { readonly reference: CredentialsReference; readonly objects: readonly ClusterObject[] } {
  if ('secretName' in credentials) return { reference: credentials, objects: [] };
  return { reference: { secretName: name }, objects: [credentialsSecret(name, credentials)] };
}
