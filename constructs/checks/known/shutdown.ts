import { ENVIRONMENT, SECONDS } from '../../../runtime/contract.cjs';

/** Setting that tells a container how long it may drain after SIGTERM; the library's own runtime reads it. */
export const DRAIN_SETTING = ENVIRONMENT.drainTimeoutSeconds;

/** Annotation of a workload that says the same. */
export const DRAIN_ANNOTATION = 'polypod.dev/drain-seconds';

/** Seconds that an application drains where nothing tells it otherwise, by its name. */
export const DRAIN_DEFAULTS: Readonly<Record<string, number>> = { 'Polypod runtime': SECONDS.drain };

/** What Kubernetes waits from the start of preStop to SIGKILL, in seconds. */
export const DEFAULT_GRACE_SECONDS = 30;
