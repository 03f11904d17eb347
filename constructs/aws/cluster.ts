import { LogGroup, type LogGroupArgs } from '@pulumi/aws/cloudwatch/logGroup';
import type { LaunchTemplateArgs } from '@pulumi/aws/ec2/launchTemplate';
import { AccessEntry, type AccessEntryArgs } from '@pulumi/aws/eks/accessEntry';
import {
  AccessPolicyAssociation,
  type AccessPolicyAssociationArgs,
} from '@pulumi/aws/eks/accessPolicyAssociation';
import { Addon, type AddonArgs } from '@pulumi/aws/eks/addon';
import { Cluster as EksCluster, type ClusterArgs as EksClusterArgs } from '@pulumi/aws/eks/cluster';
import type { NodeGroupArgs } from '@pulumi/aws/eks/nodeGroup';
import { Role, type RoleArgs } from '@pulumi/aws/iam/role';
import { RolePolicyAttachment, type RolePolicyAttachmentArgs } from '@pulumi/aws/iam/rolePolicyAttachment';
import {
  type CustomResourceArgs,
  CustomResource as KubernetesResource,
} from '@pulumi/kubernetes/apiextensions/customResource';
import { ConfigMap, type ConfigMapArgs } from '@pulumi/kubernetes/core/v1/configMap';
import { Provider, type ProviderArgs } from '@pulumi/kubernetes/provider';
import type { ComponentResourceOptions, Output, Resource } from '@pulumi/pulumi';
import { CloudComponent, kubernetesProvider, removalOptions, type Transforms } from '../cloud';
import { autoModeGpuPool, NETWORK_POLICY_SWITCH } from './auto-mode';
import { type ClusterSettings, clusterProblems, clusterSubnetProblems } from './cluster-arguments';
import { managedPolicy, partitionOf, serviceRole } from './iam';
import { eksKubeconfig } from './kubeconfig';
import { addNodeGroups } from './node-groups';
import { componentTags } from './tags';

export interface ClusterArgs extends ClusterSettings {
  readonly transform?: Transforms<ClusterChildren>;
}

export interface ClusterChildren {
  role: RoleArgs;
  rolePolicy: RolePolicyAttachmentArgs;
  nodeRole: RoleArgs;
  nodeRolePolicy: RolePolicyAttachmentArgs;
  fileSystemRole: RoleArgs;
  fileSystemRolePolicy: RolePolicyAttachmentArgs;
  logGroup: LogGroupArgs;
  cluster: EksClusterArgs;
  administrator: AccessEntryArgs;
  administratorRights: AccessPolicyAssociationArgs;
  addon: AddonArgs;
  launchTemplate: LaunchTemplateArgs;
  nodeGroup: NodeGroupArgs;
  kubernetes: ProviderArgs;
  networkPolicy: ConfigMapArgs;
  gpuNodePool: CustomResourceArgs;
}

/** Services of the cluster; Auto Mode's DNS answers at its tenth address. */
const SERVICE_CIDR = '172.20.0.0/16';
const DNS_ADDRESS = '172.20.0.10';

/**
 * Kubernetes on EKS, ready for a topology: nodes, DNS, enforced network policies, resource metrics for autoscalers,
 * and the CSI driver for shared storage with a role of its own (Pod Identity).
 *
 * It is replaced, with everything in it, when subnets leave their VPC or its encryption key changes.
 */
export class Cluster extends CloudComponent<ClusterChildren> {
  /** Also the physical name: kubeconfigs and log groups are readable by it. */
  readonly clusterName: Output<string>;
  /** Security group of all nodes. */
  readonly nodeSecurityGroupId: Output<string>;
  /** Secret. */
  readonly kubeconfig: Output<string>;
  readonly provider: Provider;
  /** Where DNS answers, if in no pod; egress rules must open UDP and TCP 53 there. */
  readonly dnsAddress: string | undefined;
  /** What must stand before pods can run and mount shared volumes. */
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: ClusterArgs, options?: ComponentResourceOptions) {
    const problems = [...clusterSubnetProblems(args.subnetIds), ...clusterProblems(args)];
    super('polypod:aws:Cluster', name, problems, args.transform, options);
    const { region, removal } = args;
    const compute = args.compute ?? { mode: 'auto' };
    const auto = compute.mode === 'auto';
    const tags = componentTags(name, args.tags);
    const attach = (
      kind: 'rolePolicy' | 'nodeRolePolicy' | 'fileSystemRolePolicy',
      role: Role,
      policies: readonly string[],
    ) =>
      policies.map(
        (policy) =>
          new RolePolicyAttachment(
            ...this.child(
              kind,
              { role: role.name, policyArn: managedPolicy(region, policy) },
              {},
              policy.split('/').at(-1),
            ),
          ),
      );

    const role = new Role(
      ...this.child('role', serviceRole('eks.amazonaws.com', tags, ['sts:AssumeRole', 'sts:TagSession'])),
    );
    const rolePolicies = attach('rolePolicy', role, auto ? AUTO_MODE_POLICIES : ['AmazonEKSClusterPolicy']);
    const nodeRole = new Role(...this.child('nodeRole', serviceRole('ec2.amazonaws.com', tags)));
    const nodePolicies = attach('nodeRolePolicy', nodeRole, auto ? AUTO_MODE_NODE_POLICIES : NODE_POLICIES);

    // Made here, because EKS would make one that keeps logs for ever.
    const logGroup = new LogGroup(
      ...this.child('logGroup', {
        name: `/aws/eks/${name}/cluster`,
        retentionInDays: args.logRetentionDays ?? 90,
        tags,
      }),
    );
    const cluster = new EksCluster(
      ...this.child(
        'cluster',
        {
          name,
          version: args.version ?? '1.35',
          roleArn: role.arn,
          vpcConfig: {
            subnetIds: [...args.subnetIds],
            endpointPrivateAccess: true,
            endpointPublicAccess: args.publicAccessCidrs.length > 0,
            publicAccessCidrs: args.publicAccessCidrs.length > 0 ? [...args.publicAccessCidrs] : undefined,
          },
          kubernetesNetworkConfig: { serviceIpv4Cidr: SERVICE_CIDR, elasticLoadBalancing: { enabled: auto } },
          computeConfig: auto
            ? { enabled: true, nodePools: ['general-purpose', 'system'], nodeRoleArn: nodeRole.arn }
            : { enabled: false },
          storageConfig: { blockStorage: { enabled: auto } },
          bootstrapSelfManagedAddons: false,
          accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: true },
          enabledClusterLogTypes: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'],
          encryptionConfig:
            args.kmsKeyArn === undefined
              ? undefined
              : { provider: { keyArn: args.kmsKeyArn }, resources: ['secrets'] },
          upgradePolicy: { supportType: 'STANDARD' },
          zonalShiftConfig: { enabled: true },
          deletionProtection: (removal ?? 'retain') === 'retain',
          tags,
        },
        { ...removalOptions(removal), dependsOn: [...rolePolicies, ...nodePolicies, logGroup] },
      ),
    );
    this.addAdministrators(cluster, args, tags);

    const addon = (addonName: string, dependsOn: Resource[] = [], more: Partial<AddonArgs> = {}) =>
      new Addon(
        ...this.child(
          'addon',
          {
            clusterName: cluster.name,
            addonName,
            resolveConflictsOnCreate: 'OVERWRITE',
            resolveConflictsOnUpdate: 'OVERWRITE',
            tags,
            ...more,
          },
          { dependsOn: [...dependsOn] },
          addonName,
        ),
      );
    const nodes: Resource[] = [];
    if (compute.mode === 'managed') {
      const configurationValues = JSON.stringify({ enableNetworkPolicy: 'true' });
      const beforeNodes = [
        addon('vpc-cni', [], { configurationValues }),
        addon('kube-proxy'),
        addon('eks-pod-identity-agent'),
      ];
      nodes.push(
        ...addNodeGroups(
          {
            launchTemplate: (template, pool) => this.child('launchTemplate', template, {}, pool),
            nodeGroup: (group, options, pool) => this.child('nodeGroup', group, options, pool),
          },
          {
            clusterName: cluster.name,
            nodeRoleArn: nodeRole.arn,
            subnetIds: args.subnetIds,
            compute,
            gpu: args.gpu,
            tags,
            dependsOn: [...beforeNodes, ...nodePolicies],
          },
        ),
      );
      nodes.push(addon('coredns', nodes));
    }

    const fileSystemRole = new Role(
      ...this.child(
        'fileSystemRole',
        serviceRole('pods.eks.amazonaws.com', tags, ['sts:AssumeRole', 'sts:TagSession']),
      ),
    );
    const fileSystemPolicies = attach('fileSystemRolePolicy', fileSystemRole, [
      'service-role/AmazonEFSCSIDriverPolicy',
    ]);
    const fileSystemDriver = addon('aws-efs-csi-driver', [...nodes, ...fileSystemPolicies], {
      podIdentityAssociations: [{ serviceAccount: 'efs-csi-controller-sa', roleArn: fileSystemRole.arn }],
    });
    const metricsServer = addon('metrics-server', nodes);

    this.clusterName = cluster.name;
    this.nodeSecurityGroupId = cluster.vpcConfig.clusterSecurityGroupId;
    this.kubeconfig = eksKubeconfig({
      clusterName: cluster.name,
      region,
      server: cluster.endpoint,
      certificateAuthority: cluster.certificateAuthority.data,
    });
    this.provider = new Provider(
      ...this.child('kubernetes', kubernetesProvider(this.kubeconfig), { dependsOn: cluster }),
    );
    const inCluster: Resource[] = [];
    if (auto) {
      const within = { provider: this.provider };
      inCluster.push(new ConfigMap(...this.child('networkPolicy', NETWORK_POLICY_SWITCH, within)));
      if (args.gpu !== undefined) {
        inCluster.push(
          new KubernetesResource(...this.child('gpuNodePool', autoModeGpuPool(args.gpu), within)),
        );
      }
    }
    this.dnsAddress = auto ? DNS_ADDRESS : undefined;
    this.ready = [cluster, ...nodes, fileSystemDriver, metricsServer, ...inCluster];
    this.registerOutputs({ clusterName: this.clusterName, kubeconfig: this.kubeconfig });
  }

  private addAdministrators(
    cluster: EksCluster,
    { region, administratorArns = [] }: ClusterArgs,
    tags: AccessEntryArgs['tags'],
  ): void {
    for (const [index, principalArn] of administratorArns.entries()) {
      const entry = new AccessEntry(
        ...this.child('administrator', { clusterName: cluster.name, principalArn, tags }, {}, index + 1),
      );
      new AccessPolicyAssociation(
        ...this.child(
          'administratorRights',
          {
            clusterName: cluster.name,
            principalArn,
            policyArn: `arn:${partitionOf(region)}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`,
            accessScope: { type: 'cluster' },
          },
          { dependsOn: entry },
          index + 1,
        ),
      );
    }
  }
}

const AUTO_MODE_POLICIES = [
  'AmazonEKSClusterPolicy',
  'AmazonEKSComputePolicy',
  'AmazonEKSBlockStoragePolicy',
  'AmazonEKSLoadBalancingPolicy',
  'AmazonEKSNetworkingPolicy',
];
const AUTO_MODE_NODE_POLICIES = ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'];
const NODE_POLICIES = [
  'AmazonEKSWorkerNodePolicy',
  'AmazonEKS_CNI_Policy',
  'AmazonEC2ContainerRegistryPullOnly',
];
