import type { Provider } from '@pulumi/kubernetes/provider';
import type { Input, Output, Resource } from '@pulumi/pulumi';
import type { Backing } from '../contracts';
import type { ClusterObject } from './provided';

/** What a cloud lays for stacks to stand on. The same for every cloud. */
export interface Foundation {
  /** For the stack; texts that only the cloud knows are placeholders, which the Pulumi bridge puts back. */
  readonly backing: Backing;
  /** The cluster, for the bridge. */
  readonly provider: Provider;
  /** Secret. Asks the cloud's own tool for tokens, so it works only for whoever the cloud lets in. */
  readonly kubeconfig: Output<string>;
  /** Objects that must be in the workload's namespace before its pods; see {@link ClusterObject}. */
  readonly objects: readonly ClusterObject[];
  /** Resources that must be ready before the first pod starts. */
  readonly ready: readonly Resource[];
  /**
   * Where the cluster's DNS answers, where it is no pod of `kube-system`: `nodeLocal` of a `NetworkIsolation`'s `dns`.
   */
  readonly dnsAddress?: string;
  /** Stack outputs: names, addresses, how to get in. Secrets are secret. */
  readonly outputs: Readonly<Record<string, Input<unknown>>>;
}
