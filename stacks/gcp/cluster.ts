import { Provider } from '@pulumi/kubernetes/provider';
import type { ComponentResourceOptions, Input, Resource } from '@pulumi/pulumi';
import { kubernetesProvider, type Removal } from '../../constructs/cloud';
import {
  Cluster,
  type ExistingCluster,
  type ExistingNetwork,
  type Labels,
  Network,
  type NetworkArgs,
} from '../../constructs/gcp';
import type { GcpFoundationArgs } from './foundation-arguments';

/** A cluster as the foundation goes on with it, created or found. */
interface LaidCluster extends ExistingCluster {
  readonly provider: Provider;
  readonly ready: readonly Resource[];
}

interface ClusterContext {
  readonly project: string;
  readonly region: string;
  readonly found: ExistingCluster | undefined;
  readonly foundNetwork: ExistingNetwork | undefined;
  readonly kmsKeyName: Input<string> | undefined;
  readonly removal: Removal | undefined;
  readonly labels: Labels | undefined;
}

type Options = Pick<ComponentResourceOptions, 'parent' | 'provider'>;

/** The cluster with its network; of one that exists, only the way in. */
export function layCluster(
  { name, cluster }: GcpFoundationArgs,
  { found, foundNetwork, ...common }: ClusterContext,
  options: Options,
): LaidCluster {
  if (found !== undefined) {
    const provider = new Provider(`${name}-kubernetes`, kubernetesProvider(found.kubeconfig), {
      parent: options.parent,
    });
    return { ...found, provider, ready: [] };
  }
  if ('existing' in cluster) throw new Error(`cluster ${cluster.existing.clusterName} was not looked up`);
  const { network = {}, ...rest } = cluster;
  const { region, removal } = common;
  const laid = foundNetwork
    ? { ...foundNetwork, ready: [] }
    : createNetwork(name, { ...network, region, removal }, options);
  const created = new Cluster(
    `${name}-cluster`,
    { ...rest, ...common, place: laid.place },
    // Nodes that start before their way out is there can't pull images.
    { ...options, dependsOn: [...laid.ready] },
  );
  return {
    clusterName: created.clusterName,
    kubeconfig: created.kubeconfig,
    provider: created.provider,
    dnsAddress: created.dnsAddress,
    ready: created.ready,
    placement: laid.placement,
  };
}

function createNetwork(
  name: string,
  args: NetworkArgs,
  options: Options,
): ExistingNetwork & { readonly ready: readonly Resource[] } {
  const network = new Network(`${name}-network`, args, options);
  const { networkId, subnetworkId, podsRangeName, servicesRangeName } = network;
  return {
    place: { networkId, subnetworkId, podsRangeName, servicesRangeName },
    placement: network.placement,
    ready: [network],
  };
}
