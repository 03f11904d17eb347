import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1';
import type {
  Container,
  EnvVar,
  PersistentVolumeClaim,
  Probe,
  ResourceRequirements,
  Service,
  ServiceAccount,
  Volume,
  VolumeMount,
} from 'kubernetes-types/core/v1';
import { type ImageReference, imageName, type Problem } from '../../contracts';
import { podTemplate } from '../inference/pod-template';
import { type SchedulingProps, type ShutdownProps, shutdownSeconds } from '../inference/props';
import { withDefaults } from '../inference/runtime-container';
import {
  type Identity,
  LONGEST_WORKLOAD_NAME,
  labels,
  nameProblems,
  objectName,
  selectorLabels,
} from '../labels';
import { makeObjects, type Overrides } from '../objects';
import { countProblems } from '../problems/count';
import { imageProblems } from '../problems/image';
import { replicasProblems } from '../problems/replicas';
import { resourceProblems } from '../problems/resources';
import { RESTRICTED_CONTAINER } from '../security';
import { possibleReplicas, type Replicas, type Workload } from '../workload';

/** Scratch space for whatever a program puts into /tmp. */
const SCRATCH = '1Gi';

/** Below lie the ids of a node's own users. Images that were built for one of them need it nevertheless. */
const LEAST_ID = 1000;

/** A program, how many pods of it, and what they are told. */
export interface ApplicationProps {
  /** Name of the workload, its ServiceAccount and its Service. */
  readonly name: string;
  readonly identity: Identity;
  /** A StatefulSet gives pods lasting names and volumes of their own. @default `Deployment` */
  readonly kind?: 'Deployment' | 'StatefulSet';
  readonly image: ImageReference;
  readonly replicas: Replicas;
  readonly resources: ResourceRequirements;
  /** @default the image's */
  readonly command?: readonly string[];
  /** @default the image's */
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  /** Ports of the pods and of their Service, by name. @default none, and no Service */
  readonly ports?: Readonly<Record<string, number>>;
  /** Each must ask something else, or wait for another time. */
  readonly probes: {
    readonly startup?: Probe;
    readonly readiness?: Probe;
    readonly liveness?: Probe;
  };
  readonly volumes?: readonly Volume[];
  readonly volumeMounts?: readonly VolumeMount[];
  /** Volumes of each pod's own; for a StatefulSet only. @default none */
  readonly volumeClaimTemplates?: readonly PersistentVolumeClaim[];
  /** Containers that end before the application starts, in the security context of the others. */
  readonly initContainers?: readonly Container[];
  /** What else runs beside it, in the same security context. */
  readonly sidecars?: readonly Container[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly shutdown?: ShutdownProps;
  /** What runs before SIGTERM; it must take no less time than `shutdown.preStopSeconds`. @default it waits */
  readonly preStop?: readonly string[];
  readonly scheduling?: SchedulingProps;
  readonly uid: number;
  readonly gid: number;
  /** @default true: nothing writes but to volumes and /tmp */
  readonly readOnlyRootFilesystem?: boolean;
  /**
   * Whether a new pod may start while an old one is there. Without it, an update takes the old one away first.
   * @default true
   */
  readonly surge?: boolean;
  /** Seconds for which the Service sends one address to one pod. @default no affinity */
  readonly clientAffinitySeconds?: number;
  readonly overrides?: Overrides<
    'deployment' | 'statefulSet' | 'service' | 'headlessService' | 'serviceAccount'
  >;
}

/**
 * A program that is not the runtime, as any number of pods that the `restricted` Pod Security Standard admits: a
 * Deployment or StatefulSet, its Service (and the headless one of a StatefulSet), and a ServiceAccount without rights.
 *
 * @throws InvalidInputError with all problems of the props
 */
export class Application extends Construct {
  readonly workloadObject: ApiObject;
  /** Where others reach it. @default none without ports */
  readonly service: ApiObject | undefined;
  /** @default none for a Deployment */
  readonly headlessService: ApiObject | undefined;
  readonly serviceAccount: ApiObject;
  /** For autoscalers, budgets, policies and routes. */
  readonly workload: Workload;

  constructor(scope: Construct, id: string, props: ApplicationProps) {
    super(scope, id);
    const { name, identity, kind = 'Deployment', replicas, ports = {} } = props;
    const selector = selectorLabels(identity);
    const metadata = (object: string) => ({ name: object, labels: labels(identity) });
    const servicePorts = Object.entries(ports).map(([portName, port]) => {
      return { name: portName, port, targetPort: portName, protocol: 'TCP' };
    });
    const isStateful = kind === 'StatefulSet';
    const headless = objectName(name, 'headless');
    const template = this.#template(props, selector);
    const common = {
      ...(typeof replicas === 'number' ? { replicas } : {}),
      minReadySeconds: 10,
      revisionHistoryLimit: 3,
      selector: { matchLabels: { ...selector } },
      template,
    };
    const made = makeObjects(
      this,
      {
        serviceAccount: {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: metadata(name),
          automountServiceAccountToken: false,
        } satisfies ServiceAccount,
        service:
          servicePorts.length > 0
            ? ({
                apiVersion: 'v1',
                kind: 'Service',
                metadata: metadata(name),
                spec: {
                  type: 'ClusterIP',
                  selector: { ...selector },
                  ports: servicePorts,
                  ...affinity(props.clientAffinitySeconds),
                },
              } satisfies Service)
            : undefined,
        headlessService: isStateful
          ? ({
              apiVersion: 'v1',
              kind: 'Service',
              metadata: metadata(headless),
              spec: {
                clusterIP: 'None',
                publishNotReadyAddresses: true,
                selector: { ...selector },
                ports: servicePorts,
              },
            } satisfies Service)
          : undefined,
        deployment: isStateful
          ? undefined
          : ({
              apiVersion: 'apps/v1',
              kind: 'Deployment',
              metadata: metadata(name),
              spec: { ...common, strategy: strategyOf(props) },
            } satisfies Deployment),
        statefulSet: isStateful
          ? ({
              apiVersion: 'apps/v1',
              kind: 'StatefulSet',
              metadata: metadata(name),
              spec: {
                ...common,
                serviceName: headless,
                podManagementPolicy: 'Parallel',
                ...(props.volumeClaimTemplates && {
                  volumeClaimTemplates: [...props.volumeClaimTemplates],
                  persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
                }),
              },
            } satisfies StatefulSet)
          : undefined,
      },
      props.overrides,
      applicationProblems(props),
    );
    const workloadObject = made.deployment ?? made.statefulSet;
    if (workloadObject === undefined) throw new TypeError('an application is a Deployment or a StatefulSet');
    this.workloadObject = workloadObject;
    this.service = made.service;
    this.headlessService = made.headlessService;
    this.serviceAccount = made.serviceAccount;
    this.workload = {
      apiVersion: 'apps/v1',
      kind,
      name,
      selector,
      labels: labels(identity),
      replicas,
      containers: template.spec.containers,
    };
  }

  #template(props: ApplicationProps, selector: Readonly<Record<string, string>>) {
    const { name, identity, image, shutdown, ports = {}, probes } = props;
    const securityContext = {
      ...RESTRICTED_CONTAINER,
      readOnlyRootFilesystem: props.readOnlyRootFilesystem ?? true,
    };
    const { preStop, drain } = shutdownSeconds(shutdown);
    const container: Container = {
      name: identity.component,
      image: imageName(image),
      imagePullPolicy: 'IfNotPresent',
      ...(props.command && { command: [...props.command] }),
      ...(props.args && { args: [...props.args] }),
      ...(props.env && { env: [...props.env] }),
      ports: Object.entries(ports).map(([portName, containerPort]) => {
        return { name: portName, containerPort, protocol: 'TCP' };
      }),
      ...(probes.startup && { startupProbe: probes.startup }),
      ...(probes.readiness && { readinessProbe: probes.readiness }),
      ...(probes.liveness && { livenessProbe: probes.liveness }),
      // The image must have a sleep, as every image with a shell does.
      lifecycle: { preStop: { exec: { command: [...(props.preStop ?? ['sleep', String(preStop)])] } } },
      resources: withDefaults(props.resources, SCRATCH),
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...(props.volumeMounts ?? [])],
      securityContext,
    };
    const beside = (containers: readonly Container[] = []) =>
      containers.map((one) => ({ securityContext, ...one }));
    return podTemplate(props, {
      labels: labels(identity),
      selector,
      annotations: { 'polypod.dev/drain-seconds': String(drain), ...props.annotations },
      serviceAccountName: name,
      initContainers: beside(props.initContainers),
      containers: [container, ...beside(props.sidecars)],
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: SCRATCH } }, ...(props.volumes ?? [])],
      images: [image],
      ...(props.kind !== 'StatefulSet' && { matchLabelKeys: ['pod-template-hash'] }),
    });
  }
}

function strategyOf({ surge = true }: ApplicationProps) {
  return {
    type: 'RollingUpdate',
    rollingUpdate: surge ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 },
  };
}

function affinity(timeoutSeconds: number | undefined) {
  if (timeoutSeconds === undefined) return {};
  return { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
}

function applicationProblems(props: ApplicationProps): Problem[] {
  const { name, kind, volumeClaimTemplates, replicas, volumes = [] } = props;
  const ownVolumes: Problem[] =
    kind !== 'StatefulSet' && volumeClaimTemplates !== undefined
      ? [
          {
            path: 'volumeClaimTemplates',
            value: undefined,
            reason: `can't be given to a Deployment: with up to ${possibleReplicas(replicas)} pods, none has a volume of its own`,
            mend: 'write kind: StatefulSet',
          },
        ]
      : [];
  const names = [...volumes.map((volume) => volume.name), 'tmp'];
  const twice: Problem[] = names
    .filter((one, index) => names.indexOf(one) !== index)
    .map((one) => ({
      path: 'volumes',
      value: one,
      reason: 'is the name of two volumes',
      mend: 'rename one',
    }));
  return [
    ...nameProblems('name', name, LONGEST_WORKLOAD_NAME),
    ...imageProblems('image', props.image),
    ...replicasProblems('replicas', replicas),
    ...resourceProblems('resources', props.resources),
    ...countProblems('uid', props.uid, LEAST_ID),
    ...countProblems('gid', props.gid, LEAST_ID),
    ...countProblems('clientAffinitySeconds', props.clientAffinitySeconds, 1, 86_400),
    ...ownVolumes,
    ...twice,
  ];
}
