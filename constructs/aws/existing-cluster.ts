import { getAddon } from '@pulumi/aws/eks/getAddon';
import { getCluster } from '@pulumi/aws/eks/getCluster';
import type { Input, InvokeOptions, Output } from '@pulumi/pulumi';
import { allFit, lookUp } from '../cloud';
import { InvalidInputError, type Problem } from '../contracts';
import { existingSubnets, onePerZone } from './existing-subnets';
import { eksKubeconfig } from './kubeconfig';
import type { ServicePlacement } from './service-access';

/** A cluster that exists. */
export interface ExistingClusterArgs {
  readonly clusterName: string;
  readonly region: string;
  /** Private subnets for what is created beside the cluster. @default the cluster's own, one in each zone */
  readonly dataSubnetIds?: readonly string[];
  /**
   * How the EFS driver got into the cluster: `addon` is looked up, `self-managed` is taken on trust.
   * @default `addon`
   */
  readonly fileSystemDriver?: 'addon' | 'self-managed';
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
 * Finds an EKS cluster by its name, with its VPC, subnets and the security group of its nodes, and refuses one that
 * can't take a topology.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingCluster(
  args: ExistingClusterArgs,
  options?: InvokeOptions,
): Promise<ExistingCluster> {
  const { clusterName, region, dataSubnetIds } = args;
  const cluster = await lookUp('clusterName', clusterName, () => getCluster({ name: clusterName }, options));
  const { vpcId, clusterSecurityGroupId } = cluster.vpcConfig;
  const { subnets } = await allFit(`cluster ${clusterName}`, clusterFaults(clusterName, cluster.status), {
    subnets: existingSubnets('dataSubnetIds', dataSubnetIds ?? cluster.vpcConfig.subnetIds, options),
    driver:
      args.fileSystemDriver === 'self-managed' ? Promise.resolve(undefined) : driver(clusterName, options),
  });

  const chosen = onePerZone(
    dataSubnetIds === undefined ? subnets.filter(({ isPublic }) => !isPublic) : subnets,
  );
  const problems: Problem[] = chosen
    .filter((subnet) => subnet.vpcId !== vpcId)
    .map(({ id }) => ({
      path: 'dataSubnetIds',
      value: id,
      reason: `is not in the cluster's VPC (${vpcId})`,
      mend: 'name private subnets of that VPC',
    }));
  if (chosen.length < 2) {
    problems.push({
      path: 'dataSubnetIds',
      value: chosen.map(({ id }) => id),
      reason: 'are private subnets in fewer than two zones: neither database nor cache could survive one',
      mend: 'name private subnets of the VPC in two zones or more',
    });
  }
  if (problems.length > 0) throw new InvalidInputError(`cluster ${clusterName}`, problems);

  const auto = cluster.computeConfigs.some(({ enabled }) => enabled);
  const services = cluster.kubernetesNetworkConfigs[0]?.serviceIpv4Cidr;
  return {
    clusterName,
    kubeconfig: eksKubeconfig({
      clusterName,
      region,
      server: cluster.endpoint,
      certificateAuthority: cluster.certificateAuthorities[0]?.data ?? '',
    }),
    placement: {
      vpcId,
      clientSecurityGroupId: clusterSecurityGroupId,
      subnetIds: chosen.map(({ id }) => id),
      subnetCidrs: chosen.map(({ cidr }) => cidr),
    },
    dnsAddress: auto && services ? tenthAddress(services) : undefined,
  };
}

function clusterFaults(clusterName: string, status: string): Problem[] {
  if (status === 'ACTIVE') return [];
  return [
    { path: 'clusterName', value: clusterName, reason: `is ${status}, not ACTIVE`, mend: 'wait, or mend it' },
  ];
}

async function driver(clusterName: string, options?: InvokeOptions): Promise<void> {
  try {
    await getAddon({ clusterName, addonName: 'aws-efs-csi-driver' }, options);
  } catch (error) {
    throw new InvalidInputError('fileSystemDriver', [
      {
        path: 'fileSystemDriver',
        value: 'addon',
        reason: `the add-on aws-efs-csi-driver is not in ${clusterName} (${error instanceof Error ? error.message : error})`,
        mend: 'install the add-on, or write self-managed where the driver got in another way',
      },
    ]);
  }
}

/** EKS puts DNS at the tenth address of the services. */
function tenthAddress(services: string): string {
  return services.replace(/\.\d+\/\d+$/, '.10');
}
