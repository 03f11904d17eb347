import { type InferenceCheck, problem, REPLICAS, type SystemCheck, workloadPath } from './check';

/** A minimum above the maximum, or nobody there at all. */
export const replicasRange: SystemCheck = {
  reads: REPLICAS,
  *check({ workloads }) {
    for (const { role, replicas } of workloads) {
      const path = workloadPath(role, 'replicas');
      if (replicas.min > replicas.max) {
        const reason = `is above the maximum of ${replicas.max}`;
        yield problem(
          `${path}.min`,
          replicas.min,
          reason,
          `write at most ${replicas.max}, or raise ${path}.max`,
        );
      } else if (replicas.min < 1) {
        const reason = 'lets every pod go, and the next client waits until one has started';
        yield problem(`${path}.min`, replicas.min, reason, 'write at least 1; 2 survive the loss of one');
      }
    }
  },
};

/** Separate roles are three or none: without one of them nothing answers, generates or leads. */
export const rolesComplete: InferenceCheck = {
  reads: ['roles', 'replicas', 'resources', 'autoscaling'],
  *check(_settings, { roles, replicas, resources, autoscaling }) {
    if (roles === 'all') return;
    for (const role of ['gateway', 'worker', 'controller'] as const) {
      if (roles[role] !== undefined) continue;
      const reason = 'is missing: separate roles are gateway, worker and controller, all three';
      yield problem(`roles.${role}`, undefined, reason, `add ${role}: {}, or write roles: all`);
    }
    const { requests, limits } = resources;
    const misplaced = {
      replicas: replicas !== undefined,
      resources: Object.keys({ ...requests, ...limits }).length > 0,
      autoscaling: autoscaling.signal === 'queue',
    };
    for (const [field, written] of Object.entries(misplaced)) {
      if (!written) continue;
      const reason = 'has no effect with separate roles';
      yield problem(field, undefined, reason, `write it below each role: roles.worker.${field}`);
    }
  },
};

/** A canary partition that no pod's ordinal reaches: the update would never begin. */
export const partitionReached: InferenceCheck = {
  reads: ['update.partition', ...REPLICAS],
  *check({ update, workloads }) {
    const pods = workloads.find(({ loadsModels }) => loadsModels)?.replicas.max ?? 0;
    if (update.partition === 0 || update.partition < pods) return;
    const reason = `no pod has that ordinal: with ${pods} pods they end at ${pods - 1}, so no update would ever begin`;
    yield problem(
      'update.partition',
      update.partition,
      reason,
      `write at most ${pods - 1}, or 0 to update all`,
    );
  },
};
