import { cloudClass } from '../../constructs/checks/known/storage';
import { type Check, problem, sizeApplies, systemChecks, userIsOwn } from '../topology/checks';
import { apiProblems } from '../topology/checks/api';
import { tolerationProblems } from '../topology/checks/cluster';
import type { DbgptTopology } from './schema';
import { type DbgptSettings, modelName } from './settings';

type DbgptCheck = Check<DbgptSettings, DbgptTopology>;

const WORKERS = ['llm', 'embedding'] as const;

/** Several web servers, each of which would know half. */
const webIsOne: DbgptCheck = {
  reads: ['roles'],
  *check(_settings, { roles: { web } }) {
    if (web.replicas === 1) return;
    const reason =
      'is more than one web server: each would have a vector store of its own (or damage the one they share), keep flows and running agents in its memory, and run every scheduled task';
    yield problem('roles.web.replicas', web.replicas, reason, 'write 1; models and controllers scale');
  },
};

/** One controller, after whose loss nobody finds a model. */
const controllersSurvive: DbgptCheck = {
  reads: ['roles'],
  *check({ controllers }) {
    if (controllers > 1) return;
    const reason = 'is a single controller: while it is away nobody finds a model';
    yield problem('roles.controller.replicas', controllers, reason, 'write 2');
  },
};

/** DB-GPT takes everybody for its administrator, who may run SQL and Python. */
const siteIsGuarded: DbgptCheck = {
  reads: ['traffic', 'allow'],
  *check({ traffic, allow }) {
    if (traffic.type === 'none' || allow['no-login'] !== undefined) return;
    const reason =
      'opens DB-GPT, which has no login: whoever gets there is its administrator, and runs SQL and Python';
    const mend =
      'write traffic: { type: none }, or say in allow.no-login what lets only the right people through';
    yield problem('traffic.hosts', traffic.hosts[0], reason, mend);
  },
};

/** Where models are asked, and that the network policy lets them be. */
const modelsReachable: DbgptCheck = {
  reads: [...WORKERS],
  *check(settings) {
    for (const role of WORKERS) {
      const model = settings[role];
      if (model.kind === 'proxy') yield* apiProblems(role, model);
    }
  },
};

/** One name for both models: the registry tells them apart, people do not. */
const namesFit: DbgptCheck = {
  reads: [...WORKERS],
  *check(settings) {
    for (const role of WORKERS) {
      const name = modelName(settings[role]);
      // Names that are written are examined by the schema; this one comes from another field.
      if (settings[role].name === undefined && !/^[\w.:/-]{1,119}$/.test(name)) {
        const reason = 'is no name for the registry: letters, digits and _ . : / -, at most 119';
        yield problem(`${role}.name`, undefined, `${reason}, and "${name}" stands for it`, 'write one');
      }
    }
    const [llm, embedding] = WORKERS.map((role) => modelName(settings[role]));
    if (llm !== embedding) return;
    yield problem('embedding.name', embedding, 'is the name of llm, too', 'give it another');
  },
};

/** What only one kind of worker can do. */
const workersScale: DbgptCheck = {
  reads: [...WORKERS, 'roles'],
  *check(settings, { roles }) {
    for (const role of WORKERS) {
      const model = settings[role];
      const asked = roles[role].replicas;
      if (model.kind !== 'files' || model.gpu === undefined || typeof asked !== 'object') continue;
      const sized = settings.workloads.find((one) => one.role === role);
      if (sized === undefined || sized.replicas.min >= sized.replicas.max) continue;
      const reason = 'is a range for an autoscaler, which sees the CPU and not the GPUs';
      yield problem(`roles.${role}.replicas`, undefined, reason, `write a number: ${sized.replicas.max}`);
    }
  },
};

/** What asks for GPUs where nothing uses them, and tolerations that the API server refuses. */
const gpuFits: DbgptCheck = {
  reads: [...WORKERS],
  *check(settings) {
    for (const role of WORKERS) {
      const model = settings[role];
      if (model.kind !== 'files') continue;
      if (model.gpu === undefined && 'provider' in model && model.provider === 'vllm') {
        yield problem(`${role}.gpu`, undefined, 'is missing: vLLM computes on GPUs', 'write gpu: {}');
      }
      yield* tolerationProblems(`${role}.gpu.tolerations`, model.gpu?.tolerations ?? []);
    }
  },
};

/** SQLite, on which the vector store lies, on a network file system. */
const stateOnDisk: DbgptCheck = {
  reads: ['state'],
  *check({ state }) {
    const known = state.storageClass === undefined ? undefined : cloudClass(state.storageClass);
    if (known === undefined || known.sharing === 'block') return;
    const reason = `gives a network file system (${known.provisioner}), on which the locks of the vector store's SQLite do not hold`;
    const mend = 'name a class of disks: gp3, premium-rwo, managed-csi';
    yield problem('state.storageClass', state.storageClass, reason, mend);
  },
};

/** A process opens two connections when it starts, and works with the others. */
const poolsHaveConnections: DbgptCheck = {
  reads: ['connections'],
  *check({ connections }) {
    if (connections.database >= 4) return;
    const reason = 'is less than a process needs: two to start, and a pool to work with';
    yield problem('connections.database', connections.database, reason, 'write at least 4');
  },
};

/** The driver takes the database's name from a URL that DB-GPT does not quote. */
const databaseNamePlain: DbgptCheck = {
  reads: ['backing.database'],
  *check({ backing: { database } }) {
    if (typeof database !== 'object' || /^[\w-]{1,64}$/.test(database.database)) return;
    const reason = 'is no name that can stand in a URL as it is';
    yield problem('backing.database.database', database.database, reason, 'write letters, digits, _ and -');
  },
};

/** DB-GPT knows no Redis. */
const cacheIsUnused: DbgptCheck = {
  reads: ['backing.cache'],
  *check({ backing }) {
    if (backing.cache === undefined) return;
    yield problem('backing.cache', undefined, 'has no effect: DB-GPT uses no cache', 'take it out');
  },
};

/** Every combination that a DB-GPT topology is examined for. */
export const DBGPT_CHECKS: readonly DbgptCheck[] = [
  ...systemChecks('models', 'docker.io/eosphorosai/dbgpt-openai:v0.8.0'),
  userIsOwn('models'),
  sizeApplies('models'),
  webIsOne,
  controllersSurvive,
  siteIsGuarded,
  modelsReachable,
  namesFit,
  workersScale,
  gpuFits,
  stateOnDisk,
  poolsHaveConnections,
  databaseNamePlain,
  cacheIsUnused,
];
