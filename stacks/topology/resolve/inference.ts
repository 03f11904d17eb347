import { durationOf } from '../../../constructs/contracts/units';
import { SECONDS } from '../../../runtime/contract.cjs';
import { PROFILES } from '../profiles';
import type { EngineSettings, GpuSettings, InferenceSettings, ModelSettings } from '../settings';
import type { InferenceTopology } from '../topology';
import { resolveCache, resolveDatabase } from './connections';
import { decoding, feeding, resolveResources } from './resources';
import { resolveStorage } from './storage';
import { resolveWorkloads } from './workloads';

/** Fills in every default of an inference topology. Pure; never fails on what the schema accepts. */
export function resolveInference(topology: InferenceTopology): InferenceSettings {
  const { name, backing, shutdown } = topology;
  const namespace = topology.namespace ?? name;
  const profile = PROFILES[topology.profile];
  const workloads = resolveWorkloads(topology, profile);
  const pods = workloads.reduce((sum, workload) => sum + workload.replicas.max, 0);
  const preStop = shutdown.preStop ?? durationOf(SECONDS.preStop);
  const drain = shutdown.drain ?? durationOf(SECONDS.drain);
  const { database, cache } = topology.sizing;
  return {
    kind: topology.kind,
    name,
    namespace,
    createNamespace: topology.createNamespace,
    labels: topology.labels,
    profileName: topology.profile,
    profile,
    models: topology.models.map(resolveModel),
    engine: resolveEngine(topology),
    workloads,
    connections: topology.connections,
    sizing: {
      database: {
        cpu: database.cpu ?? profile.database.cpu,
        memory: database.memory ?? profile.database.memory,
        storage: database.storage ?? profile.database.storage,
        maxConnections: database.maxConnections ?? topology.connections.database * pods,
      },
      cache: {
        memory: cache.memory ?? profile.cache.memory,
        mode: cache.mode ?? profile.cache.mode,
        maxConnections: topology.connections.cache * pods,
      },
    },
    ...resolveStorage(topology),
    scheduling: topology.scheduling,
    spread: topology.spread,
    update: topology.update,
    startup: topology.startup,
    shutdown: {
      preStop,
      drain,
      grace: shutdown.grace ?? durationOf(preStop.seconds + drain.seconds + SECONDS.graceMargin),
    },
    network: topology.network,
    traffic: topology.traffic,
    security: {
      huggingFaceToken: topology.security.huggingFaceToken,
      clusterSecret: topology.security.clusterSecret ?? { secretName: `${name}-cluster`, key: 'secret' },
      imagePullSecrets: topology.security.imagePullSecrets,
    },
    backing: {
      image: backing.image && {
        ...backing.image,
        ...(topology.security.imagePullSecrets.length > 0 && {
          pullSecrets: topology.security.imagePullSecrets,
        }),
      },
      storage: backing.storage,
      cache: typeof backing.cache === 'object' ? resolveCache(backing.cache) : backing.cache,
      database: typeof backing.database === 'object' ? resolveDatabase(backing.database) : backing.database,
    },
    allow: topology.allow,
  };
}

function resolveModel(model: InferenceTopology['models'][number]): ModelSettings {
  return model.source.startsWith('hf:') ? { ...model, revision: model.revision ?? 'main' } : model;
}

function resolveEngine(topology: InferenceTopology): EngineSettings {
  const { engine } = topology;
  const gpu = engine.gpu && resolveGpu(engine.gpu);
  if (engine.name === 'llama.cpp') {
    const asked = topology.roles === 'all' ? topology.resources : topology.roles.worker?.resources;
    const cores = resolveResources(asked ?? { requests: {}, limits: {} }, decoding(topology.models)).requests
      .cpu.cores;
    const { name, accelerator, threads = Math.max(1, Math.floor(cores)) } = engine;
    return { name, accelerator, threads, gpu };
  }
  return {
    ...engine,
    gpu,
    resources: resolveResources(
      engine.resources,
      gpu === undefined ? decoding(topology.models) : feeding(gpu),
    ),
  };
}

function resolveGpu(gpu: NonNullable<InferenceTopology['engine']['gpu']>): GpuSettings {
  return {
    ...gpu,
    tolerations: gpu.tolerations ?? [{ key: gpu.resource, operator: 'Exists', effect: 'NoSchedule' }],
  };
}
