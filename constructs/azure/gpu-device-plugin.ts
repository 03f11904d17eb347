import type { DaemonSetArgs } from '@pulumi/kubernetes/apps/v1/daemonSet';
import { GPU_POOL_LABEL, GPU_TAINT_KEY } from './node-pools';

const LABELS = { 'app.kubernetes.io/name': 'nvidia-device-plugin' };
const SOCKETS = '/var/lib/kubelet/device-plugins';

/** NVIDIA's device plugin, which tells Kubernetes of the GPUs: AKS installs the driver, and not this. */
export const GPU_DEVICE_PLUGIN: DaemonSetArgs = {
  metadata: { name: 'nvidia-device-plugin', namespace: 'kube-system', labels: LABELS },
  spec: {
    selector: { matchLabels: LABELS },
    updateStrategy: { type: 'RollingUpdate' },
    template: {
      metadata: { labels: LABELS },
      spec: {
        nodeSelector: GPU_POOL_LABEL,
        tolerations: [{ key: GPU_TAINT_KEY, operator: 'Exists', effect: 'NoSchedule' }],
        priorityClassName: 'system-node-critical',
        automountServiceAccountToken: false,
        containers: [
          {
            name: 'nvidia-device-plugin',
            image: 'nvcr.io/nvidia/k8s-device-plugin:v0.17.1',
            env: [{ name: 'FAIL_ON_INIT_ERROR', value: 'false' }],
            resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'device-plugins', mountPath: SOCKETS }],
          },
        ],
        volumes: [{ name: 'device-plugins', hostPath: { path: SOCKETS } }],
      },
    },
  },
};
