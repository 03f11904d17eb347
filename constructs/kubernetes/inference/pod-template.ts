import type {
  Container,
  LocalObjectReference,
  PodSpec,
  TopologySpreadConstraint,
  Volume,
} from 'kubernetes-types/core/v1';
import { USER } from '../../../runtime/contract.cjs';
import type { ImageReference } from '../../contracts';
import { restrictedPod } from '../security';
import { type GpuProps, type NodeProps, type SchedulingProps, shutdownSeconds } from './props';

/** What differs from one kind of pod to the next. */
export interface PodParts {
  readonly labels: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccountName: string;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly images: readonly (ImageReference | undefined)[];
  readonly gpu?: GpuProps;
  /** Keeps the pods of one rollout apart, rather than those of all versions together. */
  readonly matchLabelKeys?: readonly string[];
}

/** A pod template that the `restricted` Pod Security Standard admits. */
export function podTemplate(
  props: Pick<NodeProps, 'scheduling' | 'uid' | 'gid' | 'shutdown'>,
  parts: PodParts,
) {
  const { scheduling = {} } = props;
  const pullSecrets = pullSecretsOf(parts.images);
  const tolerations = [...(scheduling.tolerations ?? []), ...gpuTolerations(parts.gpu)];
  const spread = spreadConstraints(scheduling, parts);
  const nodeSelector = { ...scheduling.nodeSelector, ...parts.gpu?.nodeSelector };
  return {
    metadata: { labels: { ...parts.labels }, annotations: { ...parts.annotations } },
    spec: {
      serviceAccountName: parts.serviceAccountName,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: restrictedPod(props.uid ?? USER.uid, props.gid ?? USER.gid),
      terminationGracePeriodSeconds: shutdownSeconds(props.shutdown).grace,
      ...(scheduling.priorityClassName === undefined
        ? {}
        : { priorityClassName: scheduling.priorityClassName }),
      ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
      ...(tolerations.length === 0 ? {} : { tolerations }),
      ...(spread.length === 0 ? {} : { topologySpreadConstraints: spread }),
      ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets }),
      ...(parts.initContainers?.length ? { initContainers: [...parts.initContainers] } : {}),
      containers: [...parts.containers],
      volumes: [...parts.volumes],
    } satisfies PodSpec,
  };
}

function pullSecretsOf(images: readonly (ImageReference | undefined)[]): LocalObjectReference[] {
  const names = new Set(images.flatMap((image) => image?.pullSecrets ?? []));
  return [...names].map((name) => ({ name }));
}

function gpuTolerations(gpu: GpuProps | undefined) {
  if (!gpu) return [];
  return (
    gpu.tolerations ?? [{ key: gpu.resource ?? 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]
  );
}

function spreadConstraints({ spread }: SchedulingProps, parts: PodParts): TopologySpreadConstraint[] {
  const { zones = 'ScheduleAnyway', nodes = 'ScheduleAnyway' } = spread ?? {};
  const domains = [
    { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: zones },
    { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: nodes },
  ];
  return domains
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'off')
    .map(({ topologyKey, whenUnsatisfiable }) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable,
      labelSelector: { matchLabels: { ...parts.selector } },
      ...(parts.matchLabelKeys === undefined ? {} : { matchLabelKeys: [...parts.matchLabelKeys] }),
    }));
}
