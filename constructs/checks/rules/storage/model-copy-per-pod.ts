import { type Model, modelVolumes } from '../../model';
import type { Rule } from '../../rule';

/** Model files on volumes that each pod has for itself. */
export const modelCopyPerPod: Rule = {
  id: 'storage/model-copy-per-pod',
  severity: 'warning',
  description: 'Model files in volumeClaimTemplates: each pod downloads, stores and pays for its own copy.',
  *check(model: Model) {
    for (const workload of model.workloads) {
      if (workload.replicas.possible < 2) continue;
      for (const { type, name, path } of modelVolumes(workload)) {
        if (type !== 'volumeClaimTemplate') continue;
        yield {
          object: workload.object,
          path,
          message: `Volume ${name} holds model files, and each pod of ${workload.replicas.text} gets its own: as many downloads, and a new pod waits for its own.`,
          fix: 'Mount one ReadWriteMany claim of a network file system in all pods instead.',
        };
      }
    }
  },
};
