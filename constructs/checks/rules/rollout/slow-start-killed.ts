import { pathTo } from '../../json';
import { type Container, loadingContainers, type Model, modelLoad, type Probe } from '../../model';
import type { Finding, Rule } from '../../rule';

/** A probe that kills an engine before its model is loaded. */
export const slowStartKilled: Rule = {
  id: 'rollout/slow-start-killed',
  severity: 'error',
  description:
    'A liveness or startup probe that gives up before the model can be loaded: the container is killed and starts over, for ever.',
  *check(model: Model) {
    for (const workload of model.workloads) {
      for (const container of loadingContainers(workload)) {
        const found = killed(container);
        if (found) yield found;
      }
    }
  },
};

function killed(container: Container): Finding | undefined {
  const { startupProbe, livenessProbe, name, workload } = container;
  // Until a startup probe has succeeded, liveness does not ask.
  const probe = startupProbe ?? livenessProbe;
  if (!probe?.isKnown || !waitsForModel(probe, container)) return undefined;
  const load = modelLoad(container);
  if (!load || probe.patienceSeconds >= load.seconds) return undefined;
  const needed = Math.ceil(load.seconds);
  const failures = Math.ceil((2 * needed) / probe.periodSeconds);
  return {
    object: workload.object,
    path: startupProbe ? pathTo(probe.path, 'failureThreshold') : probe.path,
    message: `Container ${name} reads its model for ${needed} s (${load.text}), but its ${startupProbe ? 'startup' : 'liveness'} probe gives up after ${probe.patienceSeconds} s (initialDelaySeconds ${probe.initialDelaySeconds} + periodSeconds ${probe.periodSeconds} × failureThreshold ${probe.failureThreshold}): it is killed before it can answer.`,
    fix: startupProbe
      ? `Write failureThreshold: ${failures}, twice the time of reading.`
      : `Add a startupProbe with periodSeconds: ${probe.periodSeconds} and failureThreshold: ${failures}, twice the time of reading.`,
  };
}

/** Whether what a probe asks is answered only once the model is there. */
function waitsForModel({ question, port, httpPath }: Probe, container: Container): boolean {
  const { engine } = container;
  if (question === '') return false;
  if (engine?.modelPaths?.includes(httpPath ?? '')) return true;
  if (engine?.answersBeforeModel || engine?.earlyPaths?.includes(httpPath ?? '')) return false;
  // A command may ask anything; only one that calls a server is known to wait for it.
  if (question.startsWith('exec ')) return /curl|wget|https?:|grpc_health_probe/.test(question);
  return port === undefined || port !== engine?.metrics?.port || port === engine.port;
}
