import type { ProviderArgs } from '@pulumi/kubernetes/provider';
import type { Input } from '@pulumi/pulumi';

/**
 * Arguments of the provider for a cluster that is laid here. ConfigMaps and Secrets change in place: pods that read
 * them roll by checksum, and a replacement would leave a moment without.
 */
export function kubernetesProvider(kubeconfig: Input<string>): ProviderArgs {
  return { kubeconfig, enableServerSideApply: true, enableConfigMapMutable: true, enableSecretMutable: true };
}
