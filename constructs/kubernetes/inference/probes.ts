import type { Probe } from 'kubernetes-types/core/v1';
import { PATHS } from '../../../runtime/contract.cjs';

const STARTUP_PERIOD_SECONDS = 10;

/** A startup probe's timing that is patient for at least so many seconds, and two minutes in any case. */
export function patience(seconds: number) {
  return {
    periodSeconds: STARTUP_PERIOD_SECONDS,
    timeoutSeconds: 5,
    failureThreshold: Math.max(12, Math.ceil(seconds / STARTUP_PERIOD_SECONDS)),
  } satisfies Probe;
}

/**
 * The probes of a runtime container. Each asks something else: whether the models are loaded, whether to send
 * requests, whether the process is alive. A busy pod leaves its Services after 15 s and is killed only after 60 s
 * without any answer, so that load never kills pods.
 */
export function runtimeProbes(startupBudgetSeconds: number) {
  return {
    startupProbe: { httpGet: { path: PATHS.startup, port: 'api' }, ...patience(startupBudgetSeconds) },
    readinessProbe: {
      httpGet: { path: PATHS.ready, port: 'api' },
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 3,
    },
    livenessProbe: {
      httpGet: { path: PATHS.health, port: 'api' },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
  } satisfies Record<string, Probe>;
}
