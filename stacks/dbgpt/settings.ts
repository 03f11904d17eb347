import { byteSizeOf, cpuOf } from '../../constructs/contracts/units';
import type { Defaults } from '../topology/resolve/resources';
import { feeding } from '../topology/resolve/resources';
import { resolveStorage } from '../topology/resolve/storage';
import { resolveSystem } from '../topology/resolve/system';
import { sizedWorkload } from '../topology/resolve/workloads';
import type { GpuSettings, SizedWorkload, SystemSettings } from '../topology/settings';
import type { DbgptTopology } from './schema';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const sized = (cores: number, mebibytes: number): Defaults => ({
  cpu: cpuOf(cores),
  memory: byteSizeOf(mebibytes * MIB, MIB),
});

/**
 * What each part asks for: twice what DB-GPT 0.8 takes at rest (controller 110 MB, worker that passes on 130 MB, web
 * server 325 MB), and more where agents run Python. For a model of its own, 9 billion parameters of 16 bits on CPUs or
 * what feeds GPUs: estimates.
 */
const CONTROLLER = sized(0.1, 256);
const PROXY = sized(0.25, 512);
const WEB = sized(1, 2048);
const EMBEDDING = sized(2, 4096);
const LLM = sized(4, 16_384);

/** A worker of its own model is dear, a proxy is not. */
const ONE = { min: 1, max: 1 };
const PROXIES = { min: 2, max: 4 };

type Model = DbgptTopology['llm'] | DbgptTopology['embedding'];
export type FilesModel = Extract<Model, { readonly kind: 'files' }>;

/** Workers of one kind, as DB-GPT calls them: `worker_type`. */
export type WorkerType = 'llm' | 'text2vec';

/** A DB-GPT topology with every default filled in. */
export interface DbgptSettings extends SystemSettings {
  readonly kind: 'DBGPT';
  readonly llm: DbgptTopology['llm'];
  readonly embedding: DbgptTopology['embedding'];
  readonly controllers: number;
  readonly heartbeat: DbgptTopology['heartbeat'];
  readonly language: DbgptTopology['language'];
  readonly state: DbgptTopology['state'];
  readonly encryptKey: { readonly secretName: string; readonly key: string };
  readonly allow: DbgptTopology['allow'];
}

/** The name by which the web server asks for a model. */
export function modelName(model: Model): string {
  if (model.name !== undefined) return model.name;
  return model.kind === 'proxy' ? model.model : (model.path.split('/').at(-1) ?? model.path);
}

/** Fills in every default of a DB-GPT topology. Pure; never fails on what the schema accepts. */
export function resolveDbgpt(topology: DbgptTopology): DbgptSettings {
  const { kind, name, backing, models, roles, security } = topology;
  const fixed = (role: 'controller' | 'web', defaults: Defaults, range: { min: number; max: number }) => ({
    role,
    ...sizedWorkload(topology, { ...roles[role], autoscaling: roles.llm.autoscaling }, range, defaults),
  });
  const workers = (role: 'llm' | 'embedding', ownModel: Defaults) => {
    const model = topology[role];
    const defaults = model.kind === 'proxy' ? PROXY : gpuDefaults(model, ownModel);
    const range = model.kind === 'proxy' ? PROXIES : ONE;
    return { role, ...sizedWorkload(topology, roles[role], range, defaults), usesDatabase: false };
  };
  const workloads: SizedWorkload[] = [
    fixed('controller', CONTROLLER, { min: 2, max: 2 }),
    workers('llm', LLM),
    workers('embedding', EMBEDDING),
    fixed('web', WEB, ONE),
  ];
  const { uid, gid, size } = models;
  return {
    ...resolveSystem(topology, workloads, { engine: 'mysql' }),
    kind,
    workloads,
    ...resolveStorage({ name, storage: backing.storage, least: 10 * GIB, size, uid, gid }),
    llm: topology.llm,
    embedding: topology.embedding,
    controllers: roles.controller.replicas,
    heartbeat: topology.heartbeat,
    language: topology.language,
    state: topology.state,
    encryptKey: security.encryptKey ?? { secretName: `${name}-keys`, key: 'encrypt-key' },
    allow: topology.allow,
  };
}

function gpuDefaults({ gpu }: FilesModel, without: Defaults): Defaults {
  return gpu ? feeding(gpuSettings(gpu)) : without;
}

/** GPUs of a worker, with the taint that the device's nodes carry as a rule. */
export function gpuSettings(gpu: NonNullable<FilesModel['gpu']>): GpuSettings {
  const taint = { key: gpu.resource, operator: 'Exists' as const, effect: 'NoSchedule' as const };
  return { ...gpu, tolerations: gpu.tolerations ?? [taint] };
}
