import { getSubnetwork } from '@pulumi/gcp/compute/getSubnetwork';
import { getCluster } from '@pulumi/gcp/container/getCluster';
import type { Input, InvokeOptions, Output } from '@pulumi/pulumi';
import { allFit, lookUp, refuse } from '../cloud';
import type { Problem } from '../contracts';
import { DNS_ADDRESS } from './cluster';
import { networkIdOf, peeringRange, sameNetwork } from './existing-network';
import { gkeKubeconfig } from './kubeconfig';
import type { ServicePlacement } from './service-access';

/** A cluster that exists. */
export interface ExistingClusterArgs {
  readonly clusterName: string;
  /** Name of the range of its VPC that is allocated to private service access, for what is created beside it. */
  readonly peeringRange: string;
}

/** What is needed of a cluster, whoever made it. */
export interface ExistingCluster {
  readonly clusterName: Input<string>;
  /** Secret. */
  readonly kubeconfig: Output<string>;
  /** For file system, cache and database. */
  readonly placement: ServicePlacement;
  /** Where DNS answers, if in no pod. */
  readonly dnsAddress: string | undefined;
}

/**
 * Finds a GKE cluster of the region by its name, with its VPC and the addresses of its nodes, and refuses one that
 * can't take a topology: in one zone, without enforced network policies, or without the CSI driver for Filestore.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingCluster(
  args: ExistingClusterArgs,
  region: string,
  options?: InvokeOptions,
): Promise<ExistingCluster> {
  const { clusterName } = args;
  const path = 'clusterName';
  const { cluster, peering } = await allFit(`cluster ${clusterName}`, [], {
    cluster: lookUp(path, clusterName, () => getCluster({ name: clusterName, location: region }, options)),
    peering: peeringRange(args.peeringRange, options),
  });
  const subnetworkName = cluster.subnetwork.split('/').at(-1) ?? '';
  const subnetwork = await lookUp(path, clusterName, () =>
    getSubnetwork({ name: subnetworkName, region }, options),
  );

  const [addons] = cluster.addonsConfigs;
  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) => problems.push({ path, value: clusterName, reason, mend });
  const policies =
    cluster.enableAutopilot ||
    cluster.datapathProvider === 'ADVANCED_DATAPATH' ||
    cluster.networkPolicies.some(({ enabled }) => enabled);
  if (!policies) unfit('does not enforce network policies', 'turn them on, or Dataplane V2');
  const driver =
    cluster.enableAutopilot || addons?.gcpFilestoreCsiDriverConfigs.some(({ enabled }) => enabled);
  if (!driver) unfit('has no CSI driver for Filestore', 'turn the add-on GcpFilestoreCsiDriver on');
  const networkId = networkIdOf(subnetwork.network);
  problems.push(...sameNetwork(args.peeringRange, peering.networkId, networkId));
  refuse(`cluster ${clusterName}`, problems);

  const nodeLocal = cluster.enableAutopilot || addons?.dnsCacheConfigs.some(({ enabled }) => enabled);
  return {
    clusterName,
    kubeconfig: gkeKubeconfig({
      clusterName,
      endpoint: cluster.endpoint,
      certificateAuthority: cluster.masterAuths[0]?.clusterCaCertificate ?? '',
    }),
    placement: {
      region,
      networkId,
      nodeCidr: subnetwork.ipCidrRange,
      peeringRangeName: args.peeringRange,
      peeringRangeCidr: peering.cidr,
    },
    dnsAddress: nodeLocal ? DNS_ADDRESS : undefined,
  };
}
