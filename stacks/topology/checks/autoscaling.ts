import { formatByteSize } from '../../../constructs/contracts/units';
import { totalBytes } from '../models';
import { type InferenceCheck, problem, REPLICAS, type SystemCheck, workloadPath } from './check';

/** An autoscaler on the queue that can never act. */
export const queueAutoscalingActs: InferenceCheck = {
  reads: ['autoscaling', ...REPLICAS],
  *check({ workloads }, topology) {
    for (const { role, replicas } of workloads) {
      const asked = role === 'all' ? topology : topology.roles !== 'all' ? topology.roles[role] : undefined;
      if (asked === undefined) continue;
      const path = workloadPath(role, 'autoscaling');
      const { autoscaling } = asked;
      if (autoscaling.signal === 'queue') {
        if (autoscaling.prometheusAddress === undefined) {
          const reason = 'is missing: the queue is read from Prometheus';
          const mend = 'add the URL that KEDA reaches, such as http://prometheus-server.monitoring.svc:9090';
          yield problem(`${path}.prometheusAddress`, undefined, reason, mend);
        }
        if (replicas.min === replicas.max) {
          const reason = `never acts: the number of pods is fixed at ${replicas.max}`;
          yield problem(
            path,
            autoscaling.signal,
            reason,
            `write ${workloadPath(role, 'replicas')}: { min: …, max: … }`,
          );
        }
      }
    }
  },
};

/** An autoscaler that looks at nothing. */
export const autoscalingMeasures: SystemCheck = {
  reads: ['autoscaling', ...REPLICAS],
  *check({ workloads }) {
    for (const { role, autoscaling } of workloads) {
      if (autoscaling?.signal !== 'cpu-memory') continue;
      if (autoscaling.cpuPercent !== 'off' || autoscaling.memoryPercent !== 'off') continue;
      const reason = 'never acts: neither CPU nor memory is looked at';
      const mend = 'set one of cpuPercent and memoryPercent, or fix replicas to one number';
      yield problem(workloadPath(role, 'autoscaling.cpuPercent'), 'off', reason, mend);
    }
  },
};

/** Models that fill the memory aimed at: the autoscaler would add pods at rest until none may be added. */
export const restsBelowAim: InferenceCheck = {
  reads: ['autoscaling', 'resources', 'models', 'engine', ...REPLICAS],
  *check({ workloads, models, engine }) {
    if (engine.name !== 'llama.cpp' || engine.gpu !== undefined) return;
    const bytes = totalBytes(models);
    for (const { role, autoscaling, resources, loadsModels } of workloads) {
      if (!loadsModels || autoscaling?.signal !== 'cpu-memory' || autoscaling.memoryPercent === 'off')
        continue;
      const { memory } = resources.requests;
      if (bytes < (memory.bytes * autoscaling.memoryPercent) / 100) continue;
      const reason = `of ${memory.text} is no more than the models take (${formatByteSize(bytes)}): pods would be added at rest, up to the maximum`;
      const mend = 'request more memory, or write memoryPercent: off';
      yield problem(workloadPath(role, 'autoscaling.memoryPercent'), autoscaling.memoryPercent, reason, mend);
    }
  },
};
