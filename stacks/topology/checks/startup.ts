import { formatDuration } from '../../../constructs/contracts/units';
import { bytesPerSecond } from '../../../constructs/kubernetes/inference/startup-budget';
import { totalBytes } from '../models';
import { type InferenceCheck, problem, REPLICAS } from './check';

/** Storage whose throughput follows from its size. */
const SIZED = new Set(['filestore', 'azure-files']);

const roughly = (seconds: number) => formatDuration(seconds > 120 ? Math.ceil(seconds / 60) * 60 : seconds);

/** A start that takes longer than it may: each pod is killed before its model is loaded, and begins again. */
export const startupFits: InferenceCheck = {
  reads: ['startup', 'models', 'modelStore', 'backing.storage', 'engine', ...REPLICAS],
  *check({ startup, models, workloads, engine, storage }) {
    if (storage === undefined) return;
    const groups = workloads.find(({ loadsModels }) => loadsModels)?.replicas.max ?? 1;
    const pods = groups * (engine.name === 'llama.cpp' ? 1 : engine.nodes);
    const rate = bytesPerSecond({ throughput: storage.throughput, pods });
    const seconds = Math.ceil(totalBytes(models) / rate);
    const all = pods === 1 ? 'for its pod' : `for each of ${pods} pods that start at once`;
    const reason = `is shorter than reading the models takes: ${roughly(seconds)}, at ${Math.round(rate / 1e6)} MB/s ${all}`;
    if (startup.budget !== undefined && startup.budget.seconds < seconds) {
      const mend = 'leave it out: it is derived from model bytes and throughput';
      yield problem('startup.budget', startup.budget.text, reason, mend);
    }
    if (seconds > startup.limit.seconds) {
      const larger =
        SIZED.has(storage.kind) && 'enlarge modelStore.size, since this storage is as fast as it is large';
      const known =
        storage.throughput.source !== 'given' && 'say in backing.storage.throughput how fast it is';
      const mends = [larger, known, 'use faster storage or fewer pods', 'or raise the limit'];
      const mend = mends.filter((one) => one !== false).join(', ');
      yield problem('startup.limit', startup.limit.text, reason, mend);
    }
  },
};
