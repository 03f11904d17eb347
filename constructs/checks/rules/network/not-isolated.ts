import { pathTo } from '../../json';
import type { Model } from '../../model';
import type { Rule } from '../../rule';

/** Pods that every other pod of the cluster may reach, and that may reach everything. */
export const notIsolated: Rule = {
  id: 'network/not-isolated',
  severity: 'warning',
  description:
    'Pods that no NetworkPolicy selects: whatever runs in the cluster may connect to every port of theirs.',
  *check(model: Model) {
    const reported = new Set<string>();
    for (const workload of model.workloads) {
      const { object, label, namespace, podSpec, replicas, templatePath } = workload;
      // Policies have no hold on pods in the node's network; policies of other kinds are not read.
      if (podSpec.hostNetwork === true || replicas.possible === 0 || model.hasOtherPolicies(namespace))
        continue;
      const key = `${namespace}/${label}`;
      if (workload.policies.length > 0 || reported.has(key)) continue;
      reported.add(key);
      yield {
        object,
        path: pathTo(templatePath, 'metadata', 'labels'),
        message: `No NetworkPolicy selects the pods of ${label} in namespace ${namespace}: every pod of the cluster may connect to all their ports, and they to everything.`,
        fix: 'Add a NetworkPolicy that selects them, and let in and out only what they need.',
      };
    }
  },
};
