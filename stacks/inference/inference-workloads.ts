import type { Construct } from 'constructs';
import {
  type EngineProps,
  InferenceDeployment,
  InferenceLeaderWorkerSet,
  InferenceStatefulSet,
  type ModelNodeProps,
  type ModelStore,
  type NodeProps,
  type Workload,
} from '../../constructs/kubernetes';
import { servesClients } from '../../constructs/kubernetes/inference/node';
import type { Role } from '../../runtime/contract.cjs';
import type { StackBacking } from '../system/backing';
import { resourcesOf, schedulingOf, shutdownOf } from '../system/pods';
import type { EngineSettings, InferenceSettings, WorkloadSettings } from '../topology';
import { accessSecrets } from './access';
import { nodeConfig } from './node-config';

/** One role of the topology, as it runs. */
export interface InferenceWorkload {
  readonly settings: WorkloadSettings;
  readonly construct: InferenceStatefulSet | InferenceDeployment | InferenceLeaderWorkerSet;
  /** What autoscalers and routes target. */
  readonly workload: Workload;
  /** All of its pods: the same, but for a model that spans pods. */
  readonly group: Workload;
}

/** The workloads of a topology: one that does everything, or one a role, all on one headless Service for peers. */
export function inferenceWorkloads(
  scope: Construct,
  settings: InferenceSettings,
  backing: StackBacking,
  modelStore: ModelStore,
): InferenceWorkload[] {
  // Those that hold models first: they make the Service that the other roles share.
  const roles = [...settings.workloads].sort((a, b) => Number(b.loadsModels) - Number(a.loadsModels));
  let peerService: string | undefined;
  return roles.map((role) => {
    const node = { ...nodeProps(settings, backing, role), peerService };
    const construct = role.loadsModels
      ? modelNodes(scope, role.role, node, settings, modelStore)
      : new InferenceDeployment(scope, role.role, { ...node, role: withoutModels(role.role) });
    peerService = construct.peerService;
    const group = construct instanceof InferenceLeaderWorkerSet ? construct.group : construct.workload;
    return { settings: role, construct, workload: construct.workload, group };
  });
}

function modelNodes(
  scope: Construct,
  role: Role,
  node: NodeProps,
  settings: InferenceSettings,
  modelStore: ModelStore,
): InferenceStatefulSet | InferenceLeaderWorkerSet {
  const { engine, startup, update, security } = settings;
  const props: ModelNodeProps = {
    ...node,
    models: settings.models.map(({ size, ...model }) => ({ ...model, bytes: size.bytes })),
    modelStore,
    huggingFaceToken: security.huggingFaceToken,
    startupBudgetSeconds: startup.budget?.seconds,
  };
  const common = {
    role: role === 'worker' ? ('worker' as const) : ('all' as const),
    partition: update.partition,
  };
  if (engine.name !== 'llama.cpp' && engine.nodes > 1) {
    const { gpu, name } = engineProps(engine);
    if (!gpu || (name !== 'vllm' && name !== 'sglang')) {
      throw new TypeError(`the topology's checks let ${name} span ${engine.nodes} nodes`);
    }
    return new InferenceLeaderWorkerSet(scope, role, {
      ...props,
      ...common,
      nodes: engine.nodes,
      engine: { ...engineProps(engine), name, gpu },
    });
  }
  return new InferenceStatefulSet(scope, role, { ...props, ...common, engine: engineProps(engine) });
}

function withoutModels(role: Role): 'gateway' | 'controller' {
  if (role === 'gateway' || role === 'controller') return role;
  throw new TypeError(`role ${role} loads models`);
}

function nodeProps(settings: InferenceSettings, backing: StackBacking, role: WorkloadSettings): NodeProps {
  const { connections, security } = settings;
  const { min, max } = role.replicas;
  return {
    name: settings.name,
    image: backing.image,
    replicas: role.autoscaling ? { min, max } : min,
    resources: resourcesOf(role.resources),
    database: backing.database,
    databasePoolSize: connections.database,
    cache: backing.cache,
    cachePoolSize: connections.cache,
    clusterSecret: security.clusterSecret,
    trustedCa: security.trustedCa,
    config: nodeConfig(settings, role.role),
    accessSecrets: servesClients(role.role) ? accessSecrets(settings) : undefined,
    shutdown: shutdownOf(settings),
    scheduling: schedulingOf(settings),
    uid: settings.sharedFiles.uid,
    gid: settings.sharedFiles.gid,
    minReadySeconds: settings.update.minReady.seconds,
  };
}

function engineProps(engine: EngineSettings): EngineProps {
  const gpu = engine.gpu && { ...engine.gpu, sharedMemory: engine.gpu.sharedMemory.text };
  if (engine.name === 'llama.cpp') return { name: engine.name, threads: engine.threads, gpu };
  const { name, image, args } = engine;
  return { name, image, args, resources: resourcesOf(engine.resources), gpu };
}
