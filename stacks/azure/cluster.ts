import { Provider } from '@pulumi/kubernetes/provider';
import type { ComponentResourceOptions, Input, Resource } from '@pulumi/pulumi';
import {
  Cluster,
  type ExistingCluster,
  type ExistingNetwork,
  type KeyAccess,
  Network,
  type NetworkArgs,
  type Tags,
} from '../../constructs/azure';
import { kubernetesProvider, type Removal } from '../../constructs/cloud';
import type { AzureFoundationArgs } from './foundation-arguments';

export type Options = Pick<ComponentResourceOptions, 'parent' | 'provider'>;

/** A cluster as the foundation goes on with it, created or found. */
export interface LaidCluster extends ExistingCluster {
  readonly provider: Provider;
  readonly ready: readonly Resource[];
}

/** What everything that is created here is given. */
export interface Common {
  readonly resourceGroupName: Input<string>;
  readonly location: string;
  readonly encryptionKey: KeyAccess | undefined;
  readonly removal: Removal | undefined;
  readonly tags: Tags | undefined;
}

/** The cluster with its network; of one that exists, only the way in. */
export function layCluster(
  { name, cluster }: AzureFoundationArgs,
  common: Common,
  found: { readonly cluster: ExistingCluster | undefined; readonly network: ExistingNetwork | undefined },
  { dependsOn, ...options }: Options & { readonly dependsOn: readonly Resource[] },
): LaidCluster {
  if (found.cluster !== undefined) {
    const provider = new Provider(`${name}-kubernetes`, kubernetesProvider(found.cluster.kubeconfig), {
      parent: options.parent,
    });
    return { ...found.cluster, provider, ready: [] };
  }
  if ('existing' in cluster) throw new Error(`cluster ${cluster.existing.clusterName} was not looked up`);
  const { network = {}, ...rest } = cluster;
  const { resourceGroupName, location, tags } = common;
  const laid = found.network
    ? { ...found.network, ready: [] }
    : createNetwork(name, { ...network, resourceGroupName, location, tags }, options);
  const created = new Cluster(
    `${name}-cluster`,
    {
      ...rest,
      ...common,
      subnetId: laid.nodeSubnetId,
      outbound: laid.outbound,
      outboundCidrs: laid.outboundCidrs,
    },
    // A network that still changes refuses nodes.
    { ...options, dependsOn: [...laid.ready, ...dependsOn] },
  );
  return {
    clusterName: created.clusterName,
    principalId: created.principalId,
    nodePrincipalId: created.nodePrincipalId,
    kubeconfig: created.kubeconfig,
    provider: created.provider,
    ready: created.ready,
    virtualNetworkId: laid.virtualNetworkId,
    endpointSubnetId: laid.endpointSubnetId,
    endpointSubnetCidr: laid.endpointSubnetCidr,
  };
}

function createNetwork(
  name: string,
  args: NetworkArgs,
  options: Options,
): ExistingNetwork & { readonly ready: readonly Resource[] } {
  const network = new Network(`${name}-network`, args, options);
  return {
    virtualNetworkId: network.virtualNetworkId,
    nodeSubnetId: network.nodeSubnetId,
    endpointSubnetId: network.endpointSubnetId,
    endpointSubnetCidr: network.endpointSubnetCidr,
    outbound: network.outbound,
    outboundCidrs: network.outboundCidrs,
    ready: [network],
  };
}
