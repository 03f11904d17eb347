import type { Container, EnvVar, ResourceRequirements, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { COMMANDS, DIRECTORIES, PORTS } from '../../../runtime/contract.cjs';
import { imageName } from '../../contracts';
import { RESTRICTED_CONTAINER } from '../security';
import { runtimeProbes } from './probes';
import { type GpuProps, type NodeProps, shutdownSeconds } from './props';
import type { RuntimeEnvironment } from './runtime-environment';

/** Scratch space of the runtime: uploads and whatever libraries put into /tmp. */
const SCRATCH = '1Gi';

/** The runtime's container. It never sees the engine's files but through the store. */
export function runtimeContainer(
  props: NodeProps,
  environment: RuntimeEnvironment,
  startupBudgetSeconds: number,
  options: { readonly gpu?: GpuProps; readonly mountsModels: boolean },
): Container {
  return {
    name: 'runtime',
    image: imageName(props.image),
    imagePullPolicy: 'IfNotPresent',
    ports: [
      { name: 'api', containerPort: PORTS.api, protocol: 'TCP' },
      { name: 'metrics', containerPort: PORTS.metrics, protocol: 'TCP' },
      { name: 'peer', containerPort: PORTS.peer, protocol: 'TCP' },
    ],
    env: environment.env,
    volumeMounts: runtimeMounts(environment, options.mountsModels),
    ...runtimeProbes(startupBudgetSeconds),
    lifecycle: {
      preStop: { exec: { command: COMMANDS.sleep(shutdownSeconds(props.shutdown).preStop) } },
    },
    resources: withDefaults(props.resources, SCRATCH, options.gpu),
    securityContext: RESTRICTED_CONTAINER,
  };
}

/**
 * Fetches the models before anything else starts. Nothing limits its time, so that no probe kills a download; pods
 * that start together wait for the one that fetches.
 */
export function fetchContainer(props: NodeProps, environment: RuntimeEnvironment): Container {
  return {
    name: 'fetch-models',
    image: imageName(props.image),
    imagePullPolicy: 'IfNotPresent',
    command: [...COMMANDS.pullModels],
    env: environment.env,
    volumeMounts: runtimeMounts(environment, true),
    resources: withDefaults(props.resources, SCRATCH),
    securityContext: RESTRICTED_CONTAINER,
  };
}

/** Volumes that {@link runtimeContainer} mounts, but for the models. */
export function runtimeVolumes(configMapName: string, environment: RuntimeEnvironment): Volume[] {
  const projected = (name: string, sources: RuntimeEnvironment['secrets']): Volume[] =>
    sources.length === 0 ? [] : [{ name, projected: { defaultMode: 0o440, sources } }];
  return [
    { name: 'config', configMap: { name: configMapName } },
    ...projected('secrets', environment.secrets),
    ...projected('certificates', environment.certificates),
    { name: 'tmp', emptyDir: { sizeLimit: SCRATCH } },
  ];
}

function runtimeMounts(environment: RuntimeEnvironment, mountsModels: boolean): VolumeMount[] {
  const mount = (name: string, mountPath: string): VolumeMount => ({ name, mountPath, readOnly: true });
  return [
    mount('config', DIRECTORIES.config),
    ...(environment.secrets.length > 0 ? [mount('secrets', DIRECTORIES.secrets)] : []),
    ...(environment.certificates.length > 0 ? [mount('certificates', DIRECTORIES.certificates)] : []),
    { name: 'tmp', mountPath: DIRECTORIES.temporary },
    ...(mountsModels ? [{ name: 'models', mountPath: DIRECTORIES.models }] : []),
  ];
}

/** Resources with a memory limit, scratch space for the scheduler to reckon with, and devices. */
export function withDefaults(
  resources: ResourceRequirements,
  scratch: string,
  gpu?: GpuProps,
): ResourceRequirements {
  const { requests, limits } = resources;
  const memory = limits?.memory ?? requests?.memory;
  const devices = gpu && { [gpu.resource ?? 'nvidia.com/gpu']: String(gpu.count) };
  return {
    ...resources,
    requests: { 'ephemeral-storage': scratch, ...requests, ...devices },
    limits: { ...(memory === undefined ? {} : { memory }), ...limits, ...devices },
  };
}

/** Environment variables of a map, by name. */
export function environmentOf(values: Readonly<Record<string, string>>): EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
