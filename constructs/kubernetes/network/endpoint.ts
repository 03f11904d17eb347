import { isPlaceholder } from '../../contracts';
import { cidrContains, parseCidr } from '../../contracts/cidr';
import type { Connection, IsolatedWorkload, Party, Pods, Port } from './connection';

/** A block of addresses, as a policy writes it. */
interface AddressBlock {
  readonly cidr: string;
  readonly except?: readonly string[];
}

/** One end of a connection with nothing left implicit. */
export type Endpoint =
  | {
      readonly kind: 'pods';
      /** The workload's name, or a description: `namespace monitoring`. */
      readonly name: string;
      /** `undefined` where neither the chart nor the user names one: the namespace that is applied to. */
      readonly namespace?: string;
      /** `undefined`: every pod of the namespace. */
      readonly podLabels?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'addresses'; readonly name: string; readonly blocks: readonly AddressBlock[] };

/** A line of the table of who may reach whom: exactly what the policies allow, and nothing else is allowed. */
export interface Reach {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  /** Last port of a range. @default only `port` */
  readonly endPort?: number;
  readonly why: string;
}

/** A connection between endpoints, with the isolated workloads that each end stands for. */
export interface ResolvedConnection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly sources: readonly IsolatedWorkload[];
  readonly destinations: readonly IsolatedWorkload[];
  readonly connection: Connection;
}

export function resolveConnection(
  connection: Connection,
  workloads: readonly IsolatedWorkload[],
  chartNamespace: string | undefined,
): ResolvedConnection {
  const from = endpointOf(connection.from, workloads, chartNamespace);
  const to = endpointOf(connection.to, workloads, chartNamespace);
  return {
    from,
    to,
    sources: workloadsIn(connection.from, from, workloads, chartNamespace),
    destinations: workloadsIn(connection.to, to, workloads, chartNamespace),
    connection,
  };
}

/** The lines of the table that a connection stands for. */
export function reachOf({ from, to, connection }: ResolvedConnection): Reach[] {
  return connection.ports.map((port) => ({ from, to, ...portRange(port), why: connection.why }));
}

/** A port as `{ protocol, port, endPort? }`. */
export function portRange(port: Port): { protocol: 'TCP' | 'UDP'; port: number; endPort?: number } {
  const { protocol = 'TCP', ...rest } = typeof port === 'number' ? { port } : port;
  return { protocol, ...rest };
}

function endpointOf(
  party: Party,
  workloads: readonly IsolatedWorkload[],
  chartNamespace: string | undefined,
): Endpoint {
  if (typeof party === 'string') {
    const workload = workloads.find(({ name }) => name === party);
    return {
      kind: 'pods',
      name: party,
      namespace: workload?.namespace ?? chartNamespace,
      podLabels: workload?.selector ?? {},
    };
  }
  if ('cidrs' in party) {
    return {
      kind: 'addresses',
      name: party.cidrs.join(', '),
      blocks: blocksOf(party.cidrs, party.except ?? []),
    };
  }
  const namespace = party.namespace ?? chartNamespace;
  return {
    kind: 'pods',
    name: podsName(party, workloads, chartNamespace),
    namespace,
    podLabels: party.podLabels,
  };
}

/** The workload's own name where the labels are just its selector, else a description. */
function podsName(
  { namespace, podLabels }: Pods,
  workloads: readonly IsolatedWorkload[],
  chartNamespace: string | undefined,
): string {
  const text = (labels: Readonly<Record<string, string>>) =>
    Object.keys(labels)
      .sort()
      .map((key) => `${key}=${labels[key]}`)
      .join(',');
  if (podLabels === undefined) return `namespace ${namespace}`;
  const same = workloads.find(
    (workload) =>
      (workload.namespace ?? chartNamespace) === (namespace ?? chartNamespace) &&
      text(workload.selector) === text(podLabels),
  );
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return same?.name ?? `pods ${text(podLabels)}${where}`;
}

/** Each exception belongs to the blocks that contain it; the API server refuses it anywhere else. */
function blocksOf(cidrs: readonly string[], except: readonly string[]): AddressBlock[] {
  return cidrs.map((cidr) => {
    const outer = isPlaceholder(cidr) ? undefined : parseCidr(cidr);
    const inside = except.filter((text) => {
      const inner = parseCidr(text);
      return outer?.ok && inner.ok && cidrContains(outer.value, inner.value);
    });
    return inside.length === 0 ? { cidr } : { cidr, except: inside };
  });
}

/**
 * The isolated workloads that an end stands for. Labels may name one as well as its name does (a cache's contract
 * knows only its labels), and then both its policy and the other end's must open.
 */
function workloadsIn(
  party: Party,
  endpoint: Endpoint,
  workloads: readonly IsolatedWorkload[],
  chartNamespace: string | undefined,
): IsolatedWorkload[] {
  if (typeof party === 'string') return workloads.filter(({ name }) => name === party);
  if (endpoint.kind === 'addresses') return [];
  return workloads.filter(
    ({ namespace = chartNamespace, selector }) =>
      namespace === endpoint.namespace &&
      Object.entries(endpoint.podLabels ?? {}).every(([key, value]) => selector[key] === value),
  );
}
