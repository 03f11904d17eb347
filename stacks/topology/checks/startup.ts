import { formatDuration } from '../../../constructs/contracts/units';
import { bytesPerSecond } from '../../../constructs/kubernetes/inference/startup-budget';
import { totalBytes } from '../models';
import { throughputOf } from '../storage-tiers';
import { type InferenceCheck, problem, REPLICAS } from './check';

/** A start that takes longer than it may: each pod is killed before its model is loaded, and begins again. */
export const startupFits: InferenceCheck = {
  reads: ['startup', 'models', 'backing.storage', 'engine', ...REPLICAS],
  *check({ startup, models, workloads, engine, backing: { storage } }) {
    const throughput = throughputOf(storage);
    if (throughput === undefined) return;
    const groups = workloads.find(({ loadsModels }) => loadsModels)?.replicas.max ?? 1;
    const pods = groups * (engine.name === 'llama.cpp' ? 1 : engine.nodes);
    const rate = bytesPerSecond({ throughput, pods });
    const seconds = Math.ceil(totalBytes(models) / rate);
    const speed = `${Math.round(rate / 1e6)} MB/s for each of ${pods} pods that start at once`;
    if (startup.budget !== undefined && startup.budget.seconds < seconds) {
      const reason = `is shorter than reading the models takes at ${speed}: ${formatDuration(seconds)}`;
      yield problem(
        'startup.budget',
        startup.budget.text,
        reason,
        'leave it out: it is derived from model bytes and throughput',
      );
    }
    if (seconds > startup.limit.seconds) {
      const reason = `is shorter than reading the models takes at ${speed}: ${formatDuration(seconds)}`;
      yield problem(
        'startup.limit',
        startup.limit.text,
        reason,
        'use faster storage or fewer pods, or raise the limit if so long a start will do',
      );
    }
  },
};
