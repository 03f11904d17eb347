import { isObject, numberAt, pathTo, scalarText, textAt } from '../json';
import type { JsonObject } from '../kubernetes-object';
import type { Container } from './container';

/** A container's probe with Kubernetes' defaults filled in. Times are in seconds. */
export interface Probe {
  readonly spec: JsonObject;
  /** Path of the probe: `….containers[0].livenessProbe`. */
  readonly path: string;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
  /** How long it puts up with failure from the container's start: initialDelay + period × failureThreshold. */
  readonly patienceSeconds: number;
  /** What it asks, named ports resolved, as text to compare: `http :8080/healthz`, `exec cat /tmp/ok`. */
  readonly question: string;
  /** Port that it asks, resolved. @default none: an exec probe, or a name that the container lacks */
  readonly port: number | undefined;
}

export function probe(
  container: Container,
  kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe',
): Probe | undefined {
  const spec = container.spec[kind];
  if (!isObject(spec)) return undefined;
  const initialDelaySeconds = numberAt(spec, 'initialDelaySeconds') ?? 0;
  const periodSeconds = numberAt(spec, 'periodSeconds') || 10;
  const failureThreshold = numberAt(spec, 'failureThreshold') || 3;
  return {
    spec,
    path: pathTo(container.path, kind),
    initialDelaySeconds,
    periodSeconds,
    timeoutSeconds: numberAt(spec, 'timeoutSeconds') || 1,
    failureThreshold,
    patienceSeconds: initialDelaySeconds + periodSeconds * failureThreshold,
    ...asked(container, spec),
  };
}

function asked(container: Container, spec: JsonObject): Pick<Probe, 'question' | 'port'> {
  for (const kind of ['httpGet', 'tcpSocket', 'grpc']) {
    const action = spec[kind];
    if (!isObject(action)) continue;
    const port = container.portNumber(action.port);
    const host = textAt(action, 'host') ?? '';
    const rest = kind === 'httpGet' ? (textAt(action, 'path') ?? '/') : (textAt(action, 'service') ?? '');
    const name = kind === 'httpGet' ? (textAt(action, 'scheme') ?? 'HTTP').toLowerCase() : kind;
    return { question: `${name} ${host}:${port ?? scalarText(action.port) ?? ''}${rest}`, port };
  }
  return { question: `exec ${JSON.stringify(spec.exec ?? null)}`, port: undefined };
}
