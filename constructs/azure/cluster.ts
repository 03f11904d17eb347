import { getClientConfigOutput } from '@pulumi/azure-native/authorization/getClientConfig';
import { RoleAssignment, type RoleAssignmentArgs } from '@pulumi/azure-native/authorization/roleAssignment';
import type { AgentPoolArgs } from '@pulumi/azure-native/containerservice/agentPool';
import { listManagedClusterUserCredentialsOutput } from '@pulumi/azure-native/containerservice/listManagedClusterUserCredentials';
import {
  ManagedCluster,
  type ManagedClusterArgs,
} from '@pulumi/azure-native/containerservice/managedCluster';
import {
  UserAssignedIdentity,
  type UserAssignedIdentityArgs,
} from '@pulumi/azure-native/managedidentity/userAssignedIdentity';
import { DaemonSet, type DaemonSetArgs } from '@pulumi/kubernetes/apps/v1/daemonSet';
import { Provider, type ProviderArgs } from '@pulumi/kubernetes/provider';
import type { ComponentResourceOptions, Output, Resource } from '@pulumi/pulumi';
import { CloudComponent, kubernetesProvider, removalOptions, type Transforms } from '../cloud';
import { type ClusterSettings, clusterProblems, DEFAULT_CPU_POOL } from './cluster-arguments';
import { GPU_DEVICE_PLUGIN } from './gpu-device-plugin';
import { aksKubeconfig } from './kubeconfig';
import { locationProblems, POD_CIDR, SERVICE_CIDR } from './network-arguments';
import { addNodePools } from './node-pools';
import { resourceGroupProblems, roleDefinitionId, subnetIdProblems } from './resource-id';
import { componentTags } from './tags';

export interface ClusterArgs extends ClusterSettings {
  readonly transform?: Transforms<ClusterChildren>;
}

export interface ClusterChildren {
  identity: UserAssignedIdentityArgs;
  networkRole: RoleAssignmentArgs;
  keyRole: RoleAssignmentArgs;
  creatorRole: RoleAssignmentArgs;
  cluster: ManagedClusterArgs;
  nodePool: AgentPoolArgs;
  kubernetes: ProviderArgs;
  gpuDevicePlugin: DaemonSetArgs;
}

/**
 * Kubernetes on AKS, ready for a topology: nodes over three zones that scale, enforced network policies (Cilium),
 * resource metrics, the CSI driver for Azure Files, sign-in by Entra alone, identities for workloads.
 *
 * Its subnet, and whether its API server is private, can't be changed afterwards: Azure refuses it.
 */
export class Cluster extends CloudComponent<ClusterChildren> {
  readonly clusterName: Output<string>;
  /** Object id of the cluster's own identity, by which it makes file shares and load balancers. */
  readonly principalId: Output<string>;
  /** Object id of the nodes' identity, by which they pull images. */
  readonly nodePrincipalId: Output<string>;
  /** Secret. */
  readonly kubeconfig: Output<string>;
  readonly provider: Provider;
  /** What must stand before pods can run and mount shared volumes. */
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: ClusterArgs, options?: ComponentResourceOptions) {
    const misplaced = [
      ...resourceGroupProblems('resourceGroupName', args.resourceGroupName),
      ...locationProblems('location', args.location),
      ...subnetIdProblems('subnetId', args.subnetId),
    ];
    super('polypod:azure:Cluster', name, [...misplaced, ...clusterProblems(args)], args.transform, options);
    const { resourceGroupName, location, subnetId, removal, zones = ['1', '2', '3'] } = args;
    const tags = componentTags(name, args.tags);

    const identity = new UserAssignedIdentity(
      ...this.child('identity', { resourceGroupName, location, tags }),
    );
    const roles = this.addRoles(identity, args);
    const cluster = new ManagedCluster(
      ...this.child(
        'cluster',
        {
          resourceGroupName,
          location,
          // The free tier has no more than one copy of the API server, and no SLA.
          sku: { name: 'Base', tier: 'Standard' },
          kubernetesVersion: args.version ?? '1.35',
          dnsPrefix: name,
          identity: { type: 'UserAssigned', userAssignedIdentities: [identity.id] },
          enableRBAC: true,
          disableLocalAccounts: true,
          aadProfile: {
            managed: true,
            enableAzureRBAC: true,
            adminGroupObjectIDs: [...(args.administratorGroupIds ?? [])],
          },
          // Azure takes this pool with the cluster and no change of it afterwards.
          agentPoolProfiles: [
            {
              name: 'system',
              mode: 'System',
              type: 'VirtualMachineScaleSets',
              vmSize: args.systemVmSize ?? 'Standard_D2ds_v5',
              osType: 'Linux',
              osSKU: 'Ubuntu',
              count: 3,
              availabilityZones: [...zones],
              vnetSubnetID: subnetId,
              nodeTaints: ['CriticalAddonsOnly=true:NoSchedule'],
              upgradeSettings: { maxSurge: '1' },
            },
          ],
          networkProfile: {
            networkPlugin: 'azure',
            networkPluginMode: 'overlay',
            networkDataplane: 'cilium',
            networkPolicy: 'cilium',
            podCidr: POD_CIDR,
            serviceCidr: SERVICE_CIDR,
            dnsServiceIP: SERVICE_CIDR.replace('.0/16', '.10'),
            loadBalancerSku: 'standard',
            outboundType: args.outbound === 'nat-gateway' ? 'userAssignedNATGateway' : 'loadBalancer',
          },
          apiServerAccessProfile:
            args.publicAccessCidrs.length > 0
              ? { authorizedIPRanges: [...args.publicAccessCidrs, ...(args.outboundCidrs ?? [])] }
              : {
                  enablePrivateCluster: true,
                  privateDNSZone: 'system',
                  enablePrivateClusterPublicFQDN: false,
                },
          oidcIssuerProfile: { enabled: true },
          securityProfile: {
            workloadIdentity: { enabled: true },
            azureKeyVaultKms:
              args.encryptionKey === undefined
                ? undefined
                : {
                    enabled: true,
                    keyId: args.encryptionKey.keyUri,
                    keyVaultNetworkAccess: 'Public',
                  },
          },
          storageProfile: { fileCSIDriver: { enabled: true }, diskCSIDriver: { enabled: true } },
          autoUpgradeProfile: { upgradeChannel: 'patch', nodeOSUpgradeChannel: 'NodeImage' },
          autoScalerProfile: { balanceSimilarNodeGroups: 'true', skipNodesWithLocalStorage: 'false' },
          tags,
        },
        // No lock: it would hold for node pools too, and they must come and go.
        {
          ...removalOptions(removal),
          ignoreChanges: ['agentPoolProfiles'],
          dependsOn: roles,
          customTimeouts: { create: '60m', update: '120m' },
        },
      ),
    );
    const creator = new RoleAssignment(
      ...this.child(
        'creatorRole',
        {
          principalId: getClientConfigOutput({ parent: this }).objectId,
          roleDefinitionId: roleDefinitionId('clusterAdministrator', cluster.id),
          scope: cluster.id,
        },
        // Whoever comes after the creator is in an administrators' group.
        { ignoreChanges: ['principalId'] },
      ),
    );
    const pools = addNodePools((pool, poolOptions, kind) => this.child('nodePool', pool, poolOptions, kind), {
      resourceGroupName,
      clusterName: cluster.name,
      subnetId,
      zones,
      cpu: args.cpu ?? DEFAULT_CPU_POOL,
      gpu: args.gpu,
      tags,
    });

    this.clusterName = cluster.name;
    this.principalId = identity.principalId;
    this.nodePrincipalId = cluster.identityProfile.apply(
      (profiles) => profiles?.kubeletidentity?.objectId ?? '',
    );
    const credentials = listManagedClusterUserCredentialsOutput(
      { resourceGroupName, resourceName: cluster.name },
      { parent: this },
    );
    this.kubeconfig = aksKubeconfig({
      clusterName: cluster.name,
      userCredentials: credentials.kubeconfigs.apply(([first]) => first?.value ?? ''),
      login: args.login,
    });
    this.provider = new Provider(
      ...this.child('kubernetes', kubernetesProvider(this.kubeconfig), { dependsOn: [cluster, creator] }),
    );
    const inCluster =
      args.gpu === undefined
        ? []
        : [
            new DaemonSet(
              ...this.child('gpuDevicePlugin', GPU_DEVICE_PLUGIN, {
                provider: this.provider,
                dependsOn: pools,
              }),
            ),
          ];
    this.ready = [cluster, creator, ...pools, ...inCluster];
    this.registerOutputs({ clusterName: this.clusterName, kubeconfig: this.kubeconfig });
  }

  /** What the cluster needs before it exists: nodes in somebody's subnet, and a key. */
  private addRoles(
    identity: UserAssignedIdentity,
    { subnetId, encryptionKey }: ClusterArgs,
  ): RoleAssignment[] {
    const principal = { principalId: identity.principalId, principalType: 'ServicePrincipal' };
    const roles = [
      new RoleAssignment(
        ...this.child('networkRole', {
          ...principal,
          roleDefinitionId: roleDefinitionId('networkContributor', subnetId),
          scope: subnetId,
        }),
      ),
    ];
    if (encryptionKey !== undefined) {
      const { vaultId } = encryptionKey;
      roles.push(
        new RoleAssignment(
          ...this.child('keyRole', {
            ...principal,
            roleDefinitionId: roleDefinitionId('keyUser', vaultId),
            scope: vaultId,
          }),
        ),
      );
    }
    return roles;
  }
}
