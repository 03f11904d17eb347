import { isPlaceholder } from '../../contracts/placeholder';
import { isObject, listAt, numberAt, pathTo, scalarText, textAt } from '../json';
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
  /** What it asks, named ports resolved, as text to compare: `http :8080/healthz`, `exec …`. Empty: it asks nothing. */
  readonly question: string;
  /** Path that it asks over HTTP. @default none: it asks in another way */
  readonly httpPath?: string;
  /** False where a cloud has yet to say one of the figures. */
  readonly isKnown: boolean;
  /** Port that it asks, resolved. @default none: an exec probe, or a name that the container lacks */
  readonly port: number | undefined;
}

const FIGURES = ['initialDelaySeconds', 'periodSeconds', 'failureThreshold'];

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
    isKnown: !FIGURES.some((figure) => isPlaceholder(spec[figure])),
    ...asked(container, spec),
  };
}

function asked(container: Container, spec: JsonObject): Pick<Probe, 'question' | 'port' | 'httpPath'> {
  for (const kind of ['httpGet', 'tcpSocket', 'grpc']) {
    const action = spec[kind];
    if (!isObject(action)) continue;
    const port = container.portNumber(action.port);
    const host = textAt(action, 'host') ?? '';
    const service = textAt(action, 'service');
    const rest =
      kind === 'httpGet' ? (textAt(action, 'path') ?? '/') : service === undefined ? '' : `/${service}`;
    const name = kind === 'httpGet' ? (textAt(action, 'scheme') ?? 'HTTP').toLowerCase() : kind;
    return {
      question: `${name} ${host}:${port ?? scalarText(action.port) ?? ''}${rest}`,
      port,
      httpPath: kind === 'httpGet' ? rest : undefined,
    };
  }
  const command = listAt(spec, 'exec', 'command');
  return { question: command.length > 0 ? `exec ${JSON.stringify(command)}` : '', port: undefined };
}
