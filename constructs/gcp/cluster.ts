import { Cluster as GkeCluster, type ClusterArgs as GkeClusterArgs } from '@pulumi/gcp/container/cluster';
import { NodePool, type NodePoolArgs } from '@pulumi/gcp/container/nodePool';
import { IAMMember, type IAMMemberArgs } from '@pulumi/gcp/projects/iammember';
import { Account, type AccountArgs } from '@pulumi/gcp/serviceaccount/account';
import { Provider, type ProviderArgs } from '@pulumi/kubernetes/provider';
import type { ComponentResourceOptions, Output, Resource } from '@pulumi/pulumi';
import { interpolate } from '@pulumi/pulumi';
import { CloudComponent, kubernetesProvider, removalOptions, type Transforms } from '../cloud';
import { accountId } from './argument-forms';
import { type ClusterSettings, clusterProblems } from './cluster-arguments';
import { gkeKubeconfig } from './kubeconfig';
import { componentLabels } from './labels';
import { cpuPool, gpuPool, NODE_SCOPES } from './node-pools';

export interface ClusterArgs extends ClusterSettings {
  readonly transform?: Transforms<ClusterChildren>;
}

export interface ClusterChildren {
  nodeAccount: AccountArgs;
  nodeRole: IAMMemberArgs;
  cluster: GkeClusterArgs;
  nodePool: NodePoolArgs;
  kubernetes: ProviderArgs;
}

/**
 * NodeLocal DNSCache answers pods at this address of each node: always in Autopilot, and switched on in Standard.
 * https://cloud.google.com/kubernetes-engine/docs/how-to/nodelocal-dns-cache
 */
export const DNS_ADDRESS = '169.254.20.10';

/** What nodes may do in the project: write logs and metrics, and pull images. */
const NODE_ROLES = ['roles/container.defaultNodeServiceAccount', 'roles/artifactregistry.reader'];

/**
 * Kubernetes on GKE over a region, ready for a topology: private nodes with a service account of their own, enforced
 * network policies (Dataplane V2), Workload Identity, the CSI driver for Filestore, and Gateway API.
 *
 * It is replaced, with everything in it, when its network or the kind of its compute changes.
 */
export class Cluster extends CloudComponent<ClusterChildren> {
  /** Also the physical name: kubeconfigs are readable by it. */
  readonly clusterName: Output<string>;
  /** Secret. */
  readonly kubeconfig: Output<string>;
  readonly provider: Provider;
  /** Where DNS answers; egress rules must open UDP and TCP 53 there. */
  readonly dnsAddress: string = DNS_ADDRESS;
  /** What must stand before pods can run and mount shared volumes. */
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: ClusterArgs, options?: ComponentResourceOptions) {
    super('polypod:gcp:Cluster', name, clusterProblems(args), args.transform, options);
    const { project, region, place, removal, kmsKeyName, compute = { mode: 'autopilot' } } = args;
    const labels = componentLabels(name, args.labels);

    const account = new Account(
      ...this.child('nodeAccount', {
        accountId: accountId(name),
        displayName: `Nodes of ${name}`,
      }),
    );
    const roles = NODE_ROLES.map(
      (role) =>
        new IAMMember(
          ...this.child(
            'nodeRole',
            { project, role, member: interpolate`serviceAccount:${account.email}` },
            {},
            role.split('/').at(-1)?.replace('.', '-'),
          ),
        ),
    );
    const cluster = new GkeCluster(
      ...this.child(
        'cluster',
        {
          name,
          location: region,
          network: place.networkId,
          subnetwork: place.subnetworkId,
          ipAllocationPolicy: {
            clusterSecondaryRangeName: place.podsRangeName,
            servicesSecondaryRangeName: place.servicesRangeName,
          },
          privateClusterConfig: {
            enablePrivateNodes: true,
            enablePrivateEndpoint: args.publicAccessCidrs.length === 0,
          },
          masterAuthorizedNetworksConfig: {
            cidrBlocks: args.publicAccessCidrs.map((cidrBlock) => ({ cidrBlock })),
            gcpPublicCidrsAccessEnabled: false,
          },
          releaseChannel: { channel: args.releaseChannel ?? 'REGULAR' },
          maintenancePolicy: WEEKENDS,
          gatewayApiConfig: { channel: 'CHANNEL_STANDARD' },
          databaseEncryption:
            kmsKeyName === undefined ? undefined : { state: 'ENCRYPTED', keyName: kmsKeyName },
          loggingConfig: {
            enableComponents: [
              'SYSTEM_COMPONENTS',
              'WORKLOADS',
              'APISERVER',
              'CONTROLLER_MANAGER',
              'SCHEDULER',
            ],
          },
          ...(compute.mode === 'autopilot'
            ? autopilot(account.email, kmsKeyName)
            : standard(project, account.email)),
          deletionProtection: (removal ?? 'retain') === 'retain',
          resourceLabels: labels,
        },
        {
          ...removalOptions(removal),
          dependsOn: roles,
          // Of the first pool, which is removed at once.
          ignoreChanges: compute.mode === 'standard' ? ['nodeConfig', 'initialNodeCount'] : [],
        },
      ),
    );

    const pools: NodePool[] = [];
    if (compute.mode === 'standard') {
      const context = {
        cluster: cluster.id,
        region,
        serviceAccount: account.email,
        kmsKeyName,
        labels,
      };
      // Their number is the autoscaler's.
      const unwatched = { ignoreChanges: ['initialNodeCount'] };
      pools.push(new NodePool(...this.child('nodePool', cpuPool(compute.cpu, context), unwatched, 'cpu')));
      if (compute.gpu !== undefined) {
        // After the others: GKE taints GPU nodes only beside nodes without.
        const after = { ...unwatched, dependsOn: [...pools] };
        pools.push(new NodePool(...this.child('nodePool', gpuPool(compute.gpu, context), after, 'gpu')));
      }
    }

    this.clusterName = cluster.name;
    this.kubeconfig = gkeKubeconfig({
      clusterName: cluster.name,
      endpoint: cluster.endpoint,
      certificateAuthority: cluster.masterAuth.clusterCaCertificate,
    });
    this.provider = new Provider(
      ...this.child('kubernetes', kubernetesProvider(this.kubeconfig), { dependsOn: [cluster, ...pools] }),
    );
    this.ready = [cluster, ...pools];
    this.registerOutputs({ clusterName: this.clusterName, kubeconfig: this.kubeconfig });
  }
}

/** Saturdays and Sundays, 02:00 to 08:00 UTC: GKE wants 48 hours in 32 days. */
const WEEKENDS = {
  recurringWindow: {
    startTime: '2026-01-03T02:00:00Z',
    endTime: '2026-01-03T08:00:00Z',
    recurrence: 'FREQ=WEEKLY;BYDAY=SA,SU',
  },
};

/** Autopilot has Dataplane V2, Workload Identity and the drivers by itself, and refuses to be told. */
function autopilot(
  serviceAccount: Output<string>,
  bootDiskKmsKey: ClusterSettings['kmsKeyName'],
): Partial<GkeClusterArgs> {
  return {
    enableAutopilot: true,
    clusterAutoscaling: {
      autoProvisioningDefaults: { serviceAccount, oauthScopes: NODE_SCOPES, bootDiskKmsKey },
    },
  };
}

function standard(project: string, serviceAccount: Output<string>): Partial<GkeClusterArgs> {
  return {
    networkingMode: 'VPC_NATIVE',
    datapathProvider: 'ADVANCED_DATAPATH',
    workloadIdentityConfig: { workloadPool: `${project}.svc.id.goog` },
    enableShieldedNodes: true,
    addonsConfig: {
      gcpFilestoreCsiDriverConfig: { enabled: true },
      dnsCacheConfig: { enabled: true },
    },
    removeDefaultNodePool: true,
    initialNodeCount: 1,
    nodeConfig: { serviceAccount, oauthScopes: NODE_SCOPES },
  };
}
