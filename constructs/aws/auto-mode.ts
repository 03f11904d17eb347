import type { CustomResourceArgs } from '@pulumi/kubernetes/apiextensions/customResource';
import type { ConfigMapArgs } from '@pulumi/kubernetes/core/v1/configMap';
import type { GpuPool } from './cluster-arguments';
import { GPU_POOL_LABEL, GPU_TAINT_KEY } from './node-groups';

/** Auto Mode ignores NetworkPolicies until this is there. https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html */
export const NETWORK_POLICY_SWITCH: ConfigMapArgs = {
  metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
  data: { 'enable-network-policy-controller': 'true' },
};

/**
 * A Karpenter node pool with GPUs, on Auto Mode's own node class, which brings driver and device plugin. Nodes that
 * run pods are left alone until they expire: moving a pod means loading its models again.
 */
export function autoModeGpuPool(gpu: GpuPool): CustomResourceArgs {
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name: 'polypod-gpu' },
    spec: {
      template: {
        metadata: { labels: GPU_POOL_LABEL },
        spec: {
          nodeClassRef: { group: 'eks.amazonaws.com', kind: 'NodeClass', name: 'default' },
          requirements: [
            { key: 'node.kubernetes.io/instance-type', operator: 'In', values: [...gpu.instanceTypes] },
            { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
          ],
          taints: [{ key: GPU_TAINT_KEY, value: 'present', effect: 'NoSchedule' }],
          // Together the 21 days that Auto Mode lets a node live.
          expireAfter: '480h',
          terminationGracePeriod: '24h',
        },
      },
      limits: { 'nvidia.com/gpu': gpu.maxNodes * (gpu.gpusPerNode ?? 1) },
      disruption: {
        consolidationPolicy: 'WhenEmpty',
        consolidateAfter: '10m',
        budgets: [{ nodes: '1' }],
      },
    },
  };
}
