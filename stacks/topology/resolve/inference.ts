import { totalBytes } from '../models';
import { PROFILES } from '../profiles';
import type { EngineSettings, GpuSettings, InferenceSettings, ModelSettings } from '../settings';
import type { InferenceTopology } from '../topology';
import { decoding, feeding, resolveResources } from './resources';
import { resolveStorage } from './storage';
import { resolveSystem } from './system';
import { resolveWorkloads } from './workloads';

/** Fills in every default of an inference topology. Pure; never fails on what the schema accepts. */
export function resolveInference(topology: InferenceTopology): InferenceSettings {
  const { name, kind, backing, models, modelStore, security } = topology;
  const workloads = resolveWorkloads(topology, PROFILES[topology.profile]);
  return {
    ...resolveSystem(topology, workloads),
    kind,
    models: models.map(resolveModel),
    engine: resolveEngine(topology),
    workloads,
    // Twice the models, so that a new version fits beside the old one.
    ...resolveStorage({
      name,
      storage: backing.storage,
      least: 2 * totalBytes(models),
      size: modelStore.size,
      uid: modelStore.uid,
      gid: modelStore.gid,
    }),
    update: topology.update,
    startup: topology.startup,
    runtime: topology.runtime,
    network: topology.network,
    observability: topology.observability,
    security: {
      huggingFaceToken: security.huggingFaceToken,
      clusterSecret: security.clusterSecret ?? { secretName: `${name}-cluster`, key: 'secret' },
      trustedCa: security.trustedCa,
      access: security.access && withPassword(name, security.access),
      imagePullSecrets: security.imagePullSecrets,
    },
    allow: topology.allow,
  };
}

function withPassword(
  name: string,
  access: NonNullable<InferenceTopology['security']['access']>,
): InferenceSettings['security']['access'] {
  const { admin } = access;
  if (!admin) return access;
  const password = admin.password ?? { secretName: `${name}-admin`, key: 'password' };
  return { ...access, admin: { ...admin, password } };
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
