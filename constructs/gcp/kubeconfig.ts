import { type Input, interpolate, type Output } from '@pulumi/pulumi';
import { execKubeconfig } from '../cloud';

/** A kubeconfig that asks `gke-gcloud-auth-plugin` for tokens. Secret. */
export function gkeKubeconfig(args: {
  readonly clusterName: Input<string>;
  /** Address of the API server. */
  readonly endpoint: Input<string>;
  /** Base64. */
  readonly certificateAuthority: Input<string>;
}): Output<string> {
  return execKubeconfig({
    name: args.clusterName,
    server: interpolate`https://${args.endpoint}`,
    certificateAuthority: args.certificateAuthority,
    command: 'gke-gcloud-auth-plugin',
    args: [],
    credentialVersion: 'v1beta1',
    installHint:
      'Install it with gcloud components install gke-gcloud-auth-plugin: https://cloud.google.com/sdk/docs/install',
  });
}
