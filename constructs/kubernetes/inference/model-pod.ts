import type { Container, Volume } from 'kubernetes-types/core/v1';
import type { Role } from '../../../runtime/contract.cjs';
import { engineContainer, engineVolumes } from './engine-container';
import { EMBEDDED_LOAD_SECONDS, ENGINE_SERVERS } from './engines';
import type { EngineServer } from './engines/engine-server';
import type { NodeIdentity } from './node';
import { type PodParts, podTemplate } from './pod-template';
import type { EngineProps, ModelNodeProps, SchedulingProps } from './props';
import { fetchContainer, runtimeContainer, runtimeVolumes } from './runtime-container';
import { type RuntimeEnvironment, runtimeEnvironment } from './runtime-environment';
import { bytesPerSecond, startupBudgetSeconds } from './startup-budget';

/** Seconds of patience with a pod that loads its models, and the figures that they follow from. */
export function modelLoad(props: ModelNodeProps, pods: number) {
  const { models, modelStore, engine } = props;
  const throughput = modelStore.storage.throughput;
  const server = serverOf(engine);
  const load = {
    modelBytes: models.reduce((sum, { bytes }) => sum + bytes, 0),
    throughput,
    pods,
    engineSeconds: engine?.loadSeconds ?? server?.loadSeconds ?? EMBEDDED_LOAD_SECONDS,
  };
  // What is imported first is read, written and read again.
  const moved = server?.importsModels ? { ...load, modelBytes: 3 * load.modelBytes } : load;
  return {
    budgetSeconds: props.startupBudgetSeconds ?? startupBudgetSeconds(moved),
    annotations: {
      'polypod.dev/model-bytes': String(load.modelBytes),
      'polypod.dev/storage-bytes-per-second': String(Math.floor(bytesPerSecond(load))),
    },
  };
}

/** The server of an engine that runs beside the runtime; `undefined` for llama.cpp, which is inside it. */
export function serverOf(engine: EngineProps | undefined): EngineServer | undefined {
  return engine === undefined || engine.name === 'llama.cpp' ? undefined : ENGINE_SERVERS[engine.name];
}

/** What the pods of a model's node are made of, apart from the workload that makes them. */
export interface ModelPod {
  readonly node: NodeIdentity;
  readonly role: Role;
  readonly annotations: Readonly<Record<string, string>>;
  readonly budgetSeconds: number;
  /** Its place among several nodes. @default one node is the whole engine */
  readonly group?: { readonly rank: 'leader' | 'worker'; readonly nodes: number };
}

/** The pod of a node that holds models: the runtime, and the engine in it or beside it. */
export function modelPod(props: ModelNodeProps, pod: ModelPod) {
  const environment = runtimeEnvironment(props, pod.role, pod.node.peerService);
  const server = serverOf(props.engine);
  const runtime = runtimeContainer(props, environment, pod.budgetSeconds, {
    gpu: server ? undefined : props.engine?.gpu,
    mountsModels: true,
  });
  return assemble(props, pod, environment, [runtime, ...enginesOf(props, pod)]);
}

/** The pod of a further node of an engine's group: no runtime, no API, only a share of the model. */
export function sharePod(props: ModelNodeProps, pod: ModelPod) {
  const environment = runtimeEnvironment(props, pod.role, pod.node.peerService);
  // Groups keep apart, by their leaders; the pods of one group do not.
  const scheduling: SchedulingProps = { ...props.scheduling, spread: { zones: 'off', nodes: 'off' } };
  // What drains is the runtime, beside the leader's engine.
  const { 'polypod.dev/drain-seconds': _drain, ...annotations } = pod.annotations;
  return assemble({ ...props, scheduling }, { ...pod, annotations }, environment, enginesOf(props, pod));
}

function enginesOf(props: ModelNodeProps, pod: ModelPod): Container[] {
  const server = serverOf(props.engine);
  const [model] = props.models;
  if (!server || !props.engine || !model) return [];
  const { engine, shutdown } = props;
  return [
    engineContainer({
      server,
      engine,
      model,
      shutdown,
      startupBudgetSeconds: pod.budgetSeconds,
      group: pod.group,
    }),
  ];
}

function assemble(
  props: ModelNodeProps,
  { node, annotations }: ModelPod,
  environment: RuntimeEnvironment,
  containers: readonly Container[],
) {
  const server = serverOf(props.engine);
  const { modelStore, engine } = props;
  const models: Volume = { name: 'models', persistentVolumeClaim: { claimName: modelStore.claimName } };
  const parts: PodParts = {
    labels: node.labels,
    selector: node.selector,
    annotations,
    serviceAccountName: node.serviceAccountName,
    initContainers: [fetchContainer(props, environment)],
    containers,
    volumes: [
      ...runtimeVolumes(node.configMapName, environment),
      models,
      ...(server ? engineVolumes(server, engine?.gpu) : []),
    ],
    images: [props.image, engine?.image],
    gpu: engine?.gpu,
  };
  return podTemplate(withStoreUser(props), parts);
}

/** Pods run as the owner of the store's files, or they can't write them. */
function withStoreUser(props: ModelNodeProps): ModelNodeProps {
  const { uid, gid } = props.modelStore.storage;
  return { ...props, uid: props.uid ?? uid, gid: props.gid ?? gid };
}
