import type { Container, Model } from '../../model';
import type { Finding, Rule } from '../../rule';

/** A liveness probe that kills for what a readiness probe only takes out of traffic. */
export const probesIdentical: Rule = {
  id: 'rollout/probes-identical',
  severity: 'error',
  description:
    'Liveness and readiness ask the same, and liveness waits less than twice as long: load then kills pods instead of sparing them.',
  *check(model: Model) {
    for (const { runningContainers } of model.workloads) {
      for (const container of runningContainers) {
        const found = identical(container);
        if (found) yield found;
      }
    }
  },
};

function identical({ livenessProbe, readinessProbe, name, workload }: Container): Finding | undefined {
  if (!livenessProbe?.question || !readinessProbe) return undefined;
  if (livenessProbe.question !== readinessProbe.question) return undefined;
  if (!livenessProbe.isKnown || !readinessProbe.isKnown) return undefined;
  const liveness = livenessProbe.periodSeconds * livenessProbe.failureThreshold;
  const readiness = readinessProbe.periodSeconds * readinessProbe.failureThreshold;
  if (liveness >= 2 * readiness) return undefined;
  return {
    object: workload.object,
    path: livenessProbe.path,
    message: `Liveness of container ${name} asks what readiness asks (${livenessProbe.question}), and waits ${liveness} s where readiness waits ${readiness} s: a pod that is only busy is killed, and its load kills the next.`,
    fix: `Let liveness ask only whether the process is alive, or make its periodSeconds × failureThreshold at least ${2 * readiness} s.`,
  };
}
