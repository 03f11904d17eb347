import { Provider } from '@pulumi/kubernetes/provider';
import type { ComponentResourceOptions, Input, Resource } from '@pulumi/pulumi';
import {
  Cluster,
  type ExistingCluster,
  type ExistingNetwork,
  Network,
  type NetworkArgs,
  type Tags,
} from '../../constructs/aws';
import { kubernetesProvider, type Removal } from '../../constructs/cloud';
import type { AwsFoundationArgs } from './foundation-arguments';

/** A cluster as the foundation goes on with it, created or found. */
interface LaidCluster extends ExistingCluster {
  readonly provider: Provider;
  readonly ready: readonly Resource[];
}

interface ClusterContext {
  readonly region: string;
  readonly zones: readonly string[] | undefined;
  readonly found: ExistingCluster | undefined;
  readonly foundNetwork: ExistingNetwork | undefined;
  readonly kmsKeyArn: Input<string> | undefined;
  readonly removal: Removal | undefined;
  readonly tags: Tags | undefined;
}

/** The cluster with its network; of one that exists, only the way in. */
export function layCluster(
  { name, cluster }: AwsFoundationArgs,
  { found, foundNetwork, zones = [], ...common }: ClusterContext,
  options: Pick<ComponentResourceOptions, 'parent' | 'provider'>,
): LaidCluster {
  if (found !== undefined) {
    const provider = new Provider(`${name}-kubernetes`, kubernetesProvider(found.kubeconfig), {
      parent: options.parent,
    });
    return { ...found, provider, ready: [] };
  }
  if ('existing' in cluster) throw new Error(`cluster ${cluster.existing.clusterName} was not looked up`);
  const { network = {}, ...rest } = cluster;
  const laid = foundNetwork
    ? { ...foundNetwork, ready: [] }
    : createNetwork(name, { ...common, zones, ...network }, options);
  const created = new Cluster(
    `${name}-cluster`,
    { ...rest, ...common, subnetIds: laid.privateSubnetIds },
    // Nodes that start before their way out is there fail to join.
    { ...options, dependsOn: [...laid.ready] },
  );
  return {
    clusterName: created.clusterName,
    kubeconfig: created.kubeconfig,
    provider: created.provider,
    dnsAddress: created.dnsAddress,
    ready: created.ready,
    placement: {
      vpcId: laid.vpcId,
      subnetIds: laid.dataSubnetIds,
      subnetCidrs: laid.dataSubnetCidrs,
      clientSecurityGroupId: created.nodeSecurityGroupId,
    },
  };
}

function createNetwork(
  name: string,
  args: NetworkArgs,
  options: Pick<ComponentResourceOptions, 'parent' | 'provider'>,
): ExistingNetwork & { readonly ready: readonly Resource[] } {
  const network = new Network(`${name}-network`, args, options);
  return {
    vpcId: network.vpcId,
    privateSubnetIds: network.privateSubnetIds,
    dataSubnetIds: network.isolatedSubnetIds,
    dataSubnetCidrs: network.isolatedSubnetCidrs,
    ready: [network],
  };
}
