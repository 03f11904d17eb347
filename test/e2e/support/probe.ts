import { get, kubectl, until } from './kubectl';

/** Something to reach: an address, a port, and how one would know. */
export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const PATIENCE_MILLISECONDS = 2500;

/** Tries to open TCP connections, all at once, and prints which opened. */
function probeScript(targets: readonly Target[]): string {
  return `
    const net = require('node:net');
    const open = ({ host, port }) => new Promise((resolve) => {
      const socket = net.connect({ host, port });
      const done = (reached) => { socket.destroy(); resolve(reached) };
      socket.on('connect', () => done(true)).on('error', () => done(false));
      setTimeout(() => done(false), ${PATIENCE_MILLISECONDS});
    });
    Promise.all(${JSON.stringify(targets)}.map(open)).then((reached) => console.log('REACHED ' + JSON.stringify(reached)));`;
}

/** Which targets a pod reaches that has Node.js in it. */
export function probeFrom(
  namespace: string,
  pod: string,
  container: string,
  targets: readonly Target[],
): boolean[] {
  return parsed(
    kubectl(['exec', '-n', namespace, pod, '-c', container, '--', 'node', '-e', probeScript(targets)]),
  );
}

/** Which targets a pod reaches that has not: from a container of the suite's image, put into the running pod. */
export async function probeBeside(
  namespace: string,
  pod: string,
  image: string,
  targets: readonly Target[],
): Promise<boolean[]> {
  const container = `probe-${Date.now()}`;
  kubectl([
    ...['debug', '-n', namespace, `pod/${pod}`, '--profile=restricted', '--image', image, '-c', container],
    ...['--', 'node', '-e', probeScript(targets)],
  ]);
  await until('probed', 60, () => {
    const { status } = get<{ status: { ephemeralContainerStatuses?: readonly Ephemeral[] } }>([
      'pod',
      pod,
      '-n',
      namespace,
    ]);
    return (
      status.ephemeralContainerStatuses?.some(
        ({ name, state }) => name === container && state.terminated !== undefined,
      ) === true
    );
  });
  return parsed(kubectl(['logs', '-n', namespace, pod, '-c', container]));
}

interface Ephemeral {
  readonly name: string;
  readonly state: { readonly terminated?: unknown };
}

function parsed(log: string): boolean[] {
  const line = log.split('\n').find((each) => each.startsWith('REACHED '));
  if (line === undefined) throw new Error(`the probe said nothing: ${log.slice(-500)}`);
  return JSON.parse(line.slice('REACHED '.length));
}
