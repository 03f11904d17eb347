import { getManagedCluster } from '@pulumi/azure-native/containerservice/getManagedCluster';
import { listManagedClusterUserCredentials } from '@pulumi/azure-native/containerservice/listManagedClusterUserCredentials';
import type { Input, InvokeOptions, Output } from '@pulumi/pulumi';
import { allFit, lookUp } from '../cloud';
import { InvalidInputError, type Problem } from '../contracts';
import { endpointSubnetProblems } from './existing-network';
import { existingSubnet } from './existing-subnet';
import { aksKubeconfig, type Login } from './kubeconfig';
import { subnetId } from './resource-id';

/** A cluster that exists. */
export interface ExistingClusterArgs {
  readonly resourceGroupName: string;
  readonly clusterName: string;
  /** Subnet for the private endpoints of what is created beside the cluster, in the nodes' network. */
  readonly endpointSubnetId: string;
  /** How `kubelogin` signs in. @default `azurecli` */
  readonly login?: Login;
}

/** What is needed of a cluster, whoever made it. */
export interface ExistingCluster {
  readonly clusterName: Input<string>;
  /** Object id of the cluster's own identity. */
  readonly principalId: Input<string>;
  /** Object id of the nodes' identity. */
  readonly nodePrincipalId: Input<string>;
  /** Secret. */
  readonly kubeconfig: Output<string>;
  readonly virtualNetworkId: Input<string>;
  readonly endpointSubnetId: Input<string>;
  readonly endpointSubnetCidr: Input<string>;
}

/**
 * Finds an AKS cluster by its name, with its network and identities, and refuses one that can't take a topology.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingCluster(
  args: ExistingClusterArgs,
  options?: InvokeOptions,
): Promise<ExistingCluster> {
  const { resourceGroupName, clusterName, endpointSubnetId } = args;
  const names = { resourceGroupName, resourceName: clusterName };
  const { cluster, credentials, endpoints } = await allFit(`cluster ${clusterName}`, [], {
    cluster: lookUp('clusterName', clusterName, () => getManagedCluster(names, options)),
    credentials: lookUp('clusterName', clusterName, () => listManagedClusterUserCredentials(names, options)),
    endpoints: existingSubnet('endpointSubnetId', endpointSubnetId, options),
  });

  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) =>
    problems.push({ path: 'clusterName', value: clusterName, reason, mend });
  const { powerState, networkProfile, storageProfile, aadProfile, agentPoolProfiles = [] } = cluster;
  if (powerState.code !== 'Running') unfit(`is ${powerState.code}`, 'start it');
  if ((networkProfile?.networkPolicy ?? 'none') === 'none') {
    unfit('enforces no network policies', 'turn them on: cilium, by preference');
  }
  if (storageProfile?.fileCSIDriver?.enabled === false) {
    unfit('has no CSI driver for Azure Files', 'turn the file driver of its storage profile on');
  }
  if (aadProfile?.managed !== true) {
    unfit('has no Entra sign-in, which kubelogin needs', 'turn Entra integration on');
  }
  if (new Set(agentPoolProfiles.flatMap(({ availabilityZones = [] }) => availabilityZones)).size < 2) {
    unfit('has nodes in fewer than two zones', 'add a pool over three zones');
  }
  const nodeSubnet = agentPoolProfiles.flatMap(({ vnetSubnetID }) => vnetSubnetID ?? [])[0];
  const network = subnetId(nodeSubnet ?? '')?.virtualNetworkId;
  if (network === undefined) {
    unfit('has a network of its own making, in which nothing else should stand', 'make one in your network');
  } else problems.push(...endpointSubnetProblems(endpoints, network));
  const principalId = clusterPrincipal(cluster.identity);
  if (principalId === undefined) {
    unfit('has a service principal and no identity', 'give it a managed identity');
  }
  if (problems.length > 0) throw new InvalidInputError(`cluster ${clusterName}`, problems);

  return {
    clusterName,
    principalId: principalId ?? '',
    nodePrincipalId: cluster.identityProfile?.kubeletidentity?.objectId ?? '',
    kubeconfig: aksKubeconfig({
      clusterName,
      userCredentials: credentials.kubeconfigs[0]?.value ?? '',
      login: args.login,
    }),
    virtualNetworkId: endpoints.virtualNetworkId,
    endpointSubnetId: endpoints.id,
    endpointSubnetCidr: endpoints.cidr,
  };
}

interface Identity {
  readonly principalId?: string;
  readonly userAssignedIdentities?: Readonly<Record<string, { readonly principalId?: string }>>;
}

/** Of a cluster's own identity, which is either the system's or one that somebody assigned. */
function clusterPrincipal(identity: Identity | undefined): string | undefined {
  const [assigned] = Object.values(identity?.userAssignedIdentities ?? {});
  return assigned?.principalId ?? identity?.principalId;
}
