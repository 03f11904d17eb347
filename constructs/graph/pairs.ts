import type { Workload } from '../checks/model';

/** What two workloads have to do with each other. */
export interface Pair {
  readonly from: Workload;
  readonly to: Workload;
  /** Opened by name on the side that sends, on the side that receives; and what the sender is configured to use. */
  readonly out: Set<string>;
  readonly in: Set<string>;
  readonly wired: Set<string>;
}

/** Every port, where no one port is named. */
export const ANY_PORT = 'any port';

/** Pairs of workloads by both names. */
export class Pairs {
  private readonly found = new Map<string, Pair>();

  of(from: Workload, to: Workload): Pair {
    const key = `${from.namespace}/${from.label}>${to.namespace}/${to.label}`;
    const pair = this.found.get(key) ?? { from, to, out: new Set(), in: new Set(), wired: new Set() };
    this.found.set(key, pair);
    return pair;
  }

  get all(): Pair[] {
    return [...this.found.values()];
  }
}

/** The number of a port that a policy calls by its name on the pods that it leads to. */
export function portNumber(port: string, to: Workload): string {
  if (/^\d/.test(port)) return port;
  for (const container of to.runningContainers) {
    const named = container.ports.find(({ name }) => name === port);
    if (named) return String(named.port);
  }
  return port;
}

/** Whether ports that are open hold one: by itself, in a range, or by holding every port. */
export function holds(open: Iterable<string>, port: string): boolean {
  const number = Number(port);
  for (const one of open) {
    if (one === port || one === ANY_PORT) return true;
    const [first, last] = one.split('–').map(Number);
    if (first !== undefined && last !== undefined && number >= first && number <= last) return true;
  }
  return false;
}

/** Ports for an arrow: numbers in order, no more than can be read. */
export function portsLabel(ports: Iterable<string>): string {
  const sorted = [...new Set(ports)].sort(
    (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1),
  );
  if (sorted.includes(ANY_PORT) || sorted.includes('1–65535')) return ANY_PORT;
  return sorted.length > 4 ? `${sorted.slice(0, 3).join(', ')} … ${sorted.length} ports` : sorted.join(', ');
}
