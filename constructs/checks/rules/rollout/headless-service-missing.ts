import { isPlaceholder } from '../../../contracts/placeholder';
import { textAt } from '../../json';
import type { Model, Workload } from '../../model';
import type { Rule } from '../../rule';

/** A StatefulSet whose pods get no names of their own. */
export const headlessServiceMissing: Rule = {
  id: 'rollout/headless-service-missing',
  severity: 'error',
  description:
    'A StatefulSet whose serviceName is not a headless Service of its pods: they have no DNS names, and cannot find each other.',
  *check(model: Model) {
    for (const workload of model.workloads) {
      if (workload.kind !== 'StatefulSet') continue;
      const serviceName = textAt(workload.object.manifest, 'spec', 'serviceName') ?? '';
      if (isPlaceholder(serviceName) || /[{}$<>]/.test(serviceName)) continue;
      const fault = faultOf(model, workload, serviceName);
      if (fault === undefined) continue;
      const others = workload.services.filter(({ isHeadless }) => isHeadless);
      const [other] = others;
      yield {
        object: workload.object,
        path: 'spec.serviceName',
        message: `${fault}: the pods of ${workload.label} get no DNS names of their own.`,
        fix: other
          ? `Write serviceName: ${other.name}, which is a headless Service of these pods.`
          : `Add a Service with clusterIP: None and the labels of these pods, and name it in serviceName.`,
      };
    }
  },
};

function faultOf(model: Model, workload: Workload, serviceName: string): string | undefined {
  if (serviceName === '') return 'No serviceName';
  const service = model.service(workload.namespace, serviceName);
  if (!service) return `There is no Service ${serviceName} in namespace ${workload.namespace}`;
  if (!service.isHeadless) return `Service ${serviceName} has a cluster IP (type ${service.type})`;
  return service.workloads.includes(workload)
    ? undefined
    : `Service ${serviceName} is headless, but its selector does not select them`;
}
