import type { Container, EnvVar, Volume } from 'kubernetes-types/core/v1';
import { COMMANDS, DIRECTORIES } from '../../../runtime/contract.cjs';
import { imageName } from '../../contracts';
import { RESTRICTED_CONTAINER } from '../security';
import { CACHE_DIRECTORY, type EngineServer } from './engines/engine-server';
import { patience } from './probes';
import {
  type EngineProps,
  type GpuProps,
  type ModelProps,
  type ShutdownProps,
  shutdownSeconds,
} from './props';
import { environmentOf, withDefaults } from './runtime-container';

/** Compiled kernels and CUDA graphs' caches stay far below; the limit is there for the node's sake. */
const CACHE = '5Gi';

/** What an engine's container is made of. */
export interface EngineContainer {
  readonly server: EngineServer;
  readonly engine: EngineProps;
  readonly model: ModelProps;
  readonly shutdown?: ShutdownProps;
  readonly startupBudgetSeconds: number;
  /** Its place among several nodes. @default one node is the whole engine */
  readonly group?: { readonly rank: 'leader' | 'worker'; readonly nodes: number };
}

/** The container of an engine that runs beside the runtime. */
export function engineContainer(options: EngineContainer): Container {
  const { server, engine, model, group } = options;
  const { preStop, drain } = shutdownSeconds(options.shutdown);
  const answers = group?.rank !== 'worker';
  return {
    name: 'engine',
    image: imageName(engine.image ?? server.image(engine.gpu !== undefined)),
    imagePullPolicy: 'IfNotPresent',
    ...(server.command === undefined ? {} : { command: [...server.command] }),
    args: [
      ...server.args(model, engine),
      ...(group ? (server.groupArgs?.(group.rank, group.nodes) ?? []) : []),
      ...(engine.args ?? []),
    ],
    env: [...(group ? [POD_IP] : []), ...environmentOf({ ...server.env(model), ...engine.env })],
    volumeMounts: [
      { name: 'models', mountPath: DIRECTORIES.models, ...(server.importsModels ? {} : { readOnly: true }) },
      { name: 'engine-cache', mountPath: CACHE_DIRECTORY },
      { name: 'engine-tmp', mountPath: '/tmp' },
      ...(server.sharesMemory ? [{ name: 'shared-memory', mountPath: '/dev/shm' }] : []),
    ],
    ...(answers ? engineProbes(server, options.startupBudgetSeconds) : {}),
    // All containers of a pod are told to stop at once; the engine goes on until the runtime has drained.
    lifecycle: { preStop: { exec: { command: COMMANDS.sleep(preStop + drain) } } },
    resources: withDefaults(engine.resources ?? {}, CACHE, engine.gpu),
    securityContext: RESTRICTED_CONTAINER,
  };
}

/** Volumes that {@link engineContainer} mounts, but for the models. */
export function engineVolumes(server: EngineServer, gpu: GpuProps | undefined): Volume[] {
  return [
    { name: 'engine-cache', emptyDir: { sizeLimit: CACHE } },
    { name: 'engine-tmp', emptyDir: { sizeLimit: '1Gi' } },
    ...(server.sharesMemory
      ? [{ name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: sharedMemory(gpu) } }]
      : []),
  ];
}

/** Size of /dev/shm. */
export function sharedMemory(gpu: GpuProps | undefined): string {
  return gpu?.sharedMemory ?? '8Gi';
}

/** Readiness is the runtime's to say. Liveness waits five minutes: a busy GPU is slow to answer, not dead. */
function engineProbes(server: EngineServer, startupBudgetSeconds: number) {
  const exec = { command: [...server.health] };
  return {
    startupProbe: { exec, ...patience(startupBudgetSeconds) },
    livenessProbe: { exec, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 10 },
  } satisfies Partial<Container>;
}

/** The address by which the nodes of a group reach this one. */
const POD_IP: EnvVar = { name: 'VLLM_HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
