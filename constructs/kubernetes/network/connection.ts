import type { NetworkTarget } from '../../contracts';

/** Pods that are cut off from everything that no connection names. */
export interface IsolatedWorkload {
  /** Name of the workload: its policy's name, and how connections and the table of who reaches whom call it. */
  readonly name: string;
  /** Labels that select its pods, and only them. */
  readonly selector: Readonly<Record<string, string>>;
  /** @default the chart's namespace */
  readonly namespace?: string;
}

/**
 * One end of a connection: an isolated workload by its name; pods by their labels, all pods of a namespace, or
 * both together; or addresses, outside the cluster or of nodes.
 */
export type Party = string | Pods | Addresses;

/** Pods of one namespace, all of them or those with the labels. */
export interface Pods {
  /** Namespace by its `kubernetes.io/metadata.name`. @default the namespace of the isolated workload's chart */
  readonly namespace?: string;
  /** Labels that the pods carry. @default every pod of the namespace, which must then be given */
  readonly podLabels?: Readonly<Record<string, string>>;
}

/** What is outside the cluster, or has addresses of its own in it. */
export interface Addresses {
  /** IPv4 or IPv6 CIDR blocks: `10.0.16.0/20`. */
  readonly cidrs: readonly string[];
  /** Blocks inside of those that stay closed. @default none */
  readonly except?: readonly string[];
}

/** A port of the pods or servers reached (not of a Service before them): one number is TCP. */
export type Port = number | PortRange;

/** One port, or several in a row, of one protocol. */
export interface PortRange {
  /** 1–65535. */
  readonly port: number;
  /** Last port of the range. @default only `port` */
  readonly endPort?: number;
  /** @default `TCP` */
  readonly protocol?: 'TCP' | 'UDP';
}

/** One thing that may happen on the network. What no connection names, may not. */
export interface Connection {
  /** Who opens it. */
  readonly from: Party;
  /** Who answers it. */
  readonly to: Party;
  /** On which ports of `to`. */
  readonly ports: readonly Port[];
  /** What for, in a few words; it goes into the policy's annotation and into the table. */
  readonly why: string;
}

/**
 * The connection to a target that carries its own ports, as the contracts of caches and databases do:
 * `connectionTo('chat', cache.egress, 'sessions')`.
 */
export function connectionTo(
  from: Party,
  target: NetworkTarget | (Addresses & { readonly ports: readonly number[] }),
  why: string,
): Connection {
  const { ports, ...to } = target;
  return { from, to, ports, why };
}

/**
 * Every public address, and none of a private network: neither the cluster's pods and nodes, nor its neighbours, nor
 * the cloud's metadata server (169.254.169.254), which hands out the node's credentials.
 */
export const PUBLIC_INTERNET: Addresses = {
  cidrs: ['0.0.0.0/0', '::/0'],
  except: [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '240.0.0.0/4',
    'fc00::/7',
    'fe80::/10',
  ],
};
