import { cloudClass } from '../../constructs/checks/known/storage';
import { type Check, problem, REPLICAS, sizeApplies, systemChecks } from '../topology/checks';
import { apiProblems } from '../topology/checks/api';
import type { AnythingLlmTopology } from './schema';
import type { AnythingLlmSettings } from './settings';

type AnythingLlmCheck = Check<AnythingLlmSettings, AnythingLlmTopology>;

/** SQLite where two pods write: over a network its locks do not hold, and a disk is mounted on one node. */
const sqliteHasOneWriter: AnythingLlmCheck = {
  reads: ['state', ...REPLICAS],
  *check({ state, workloads }) {
    const pods = workloads[0]?.replicas.max ?? 1;
    if (state.kind !== 'sqlite' || pods === 1) return;
    const reason = `is up to ${pods} pods on one SQLite database: on a network file system its locks do not hold and the database is damaged, and a disk is mounted by one pod only`;
    const mend =
      'leave it out; or write state: { kind: postgresql }, with an image that was built for PostgreSQL';
    yield problem('replicas', pods, reason, mend);
  },
};

/** SQLite on a network file system, even for one pod: a pod that is not quite gone still writes. */
const sqliteOnDisk: AnythingLlmCheck = {
  reads: ['state'],
  *check({ state }) {
    if (state.kind !== 'sqlite' || state.storageClass === undefined) return;
    const known = cloudClass(state.storageClass);
    if (known === undefined || known.sharing === 'block') return;
    const reason = `gives a network file system (${known.provisioner}), on which SQLite's locks do not hold`;
    yield problem(
      'state.storageClass',
      state.storageClass,
      reason,
      'name a class of disks: gp3, premium-rwo, managed-csi',
    );
  },
};

/** Rows are no files: what a disk holds can't be copied into PostgreSQL. */
const migrationCopiesFiles: AnythingLlmCheck = {
  reads: ['state', 'migration', 'backing.storage'],
  *check({ state, migration, backing }) {
    if (migration === undefined) return;
    if (state.kind === 'postgresql') {
      const reason = 'copies files, and users and chats would have to become rows of PostgreSQL';
      const mend =
        'migrate to state: { kind: sqlite } first; then move the database with a tool such as pgloader';
      yield problem('migration', undefined, reason, mend);
    }
    if (backing.storage?.kind === 'existing-claim' && backing.storage.name === migration.claim) {
      const reason = 'is the claim that is copied to, too';
      yield problem('migration.claim', migration.claim, reason, 'name the claim of the pod that ran before');
    }
  },
};

/** A document job or an agent's socket, which only one pod knows. */
const clientsStay: AnythingLlmCheck = {
  reads: ['traffic', 'state', ...REPLICAS],
  *check({ traffic, workloads }) {
    if (traffic.type === 'none' || (workloads[0]?.replicas.max ?? 1) < 2) return;
    if (traffic.affinity.by !== 'off') return;
    const reason =
      "sends a client's next request to another pod, which knows neither its agent nor its upload";
    yield problem('traffic.affinity.by', 'off', reason, 'write cookie');
  },
};

/** Where models are asked, and that the network policy lets them be. */
const modelsReachable: AnythingLlmCheck = {
  reads: ['llm', 'embedding'],
  *check({ llm, embedding }) {
    yield* apiProblems('llm', llm);
    if (embedding !== 'native') yield* apiProblems('embedding', embedding);
  },
};

/** AnythingLLM knows no Redis. */
const cacheIsUnused: AnythingLlmCheck = {
  reads: ['backing.cache'],
  *check({ backing }) {
    if (backing.cache === undefined) return;
    yield problem('backing.cache', undefined, 'has no effect: AnythingLLM uses no cache', 'take it out');
  },
};

/** Native models are fetched from the internet at the first use. */
const nativeModelsReachable: AnythingLlmCheck = {
  reads: ['embedding', 'web'],
  *check({ embedding, web }) {
    if (embedding !== 'native' || web) return;
    const reason = 'keeps the native embedder from fetching its model';
    yield problem(
      'web',
      false,
      reason,
      'write true, or let a runtime embed: embedding: { runtime: …, model: … }',
    );
  },
};

/** Every combination that an AnythingLLM topology is examined for. */
export const ANYTHING_LLM_CHECKS: readonly AnythingLlmCheck[] = [
  ...systemChecks('files', 'docker.io/mintplexlabs/anythingllm:1.16.0'),
  sizeApplies('files'),
  sqliteHasOneWriter,
  sqliteOnDisk,
  migrationCopiesFiles,
  clientsStay,
  modelsReachable,
  nativeModelsReachable,
  cacheIsUnused,
];
