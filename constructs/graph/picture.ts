import type { Firmness } from '../plan/spread';

/** What is to be drawn of a set of manifests: boxes and arrows, without any place or colour yet. */
export interface Picture {
  readonly title: string;
  /** The same in a sentence or two, for those who can't see it. */
  readonly description: string;
  /** Namespaces of the input that hold boxes. */
  readonly namespaces: readonly string[];
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

interface Common {
  /** What arrows refer to. */
  readonly id: string;
  readonly name: string;
  /** Namespace that it stands in. @default none: outside of the input */
  readonly namespace?: string;
  /** Short facts, each on a line of its own. */
  readonly facts: readonly string[];
}

/** Pods of one kind. */
export interface WorkloadBox extends Common {
  readonly type: 'workload';
  readonly kind: string;
  /** What it serves others with; a database looks like one. */
  readonly server: 'database' | 'cache' | 'broker' | undefined;
  readonly pods: { readonly min: number; readonly max: number | null };
  /** For what each pod asks: `8 CPU`, `12 GiB`. */
  readonly request: string;
  readonly zones: Firmness;
  readonly nodes: Firmness;
  readonly isolation: { readonly ingress: boolean; readonly egress: boolean };
  /** Small labels: autoscaler, budget. */
  readonly chips: readonly string[];
}

/** A volume that pods mount, which exists apart from them. */
export interface StorageBox extends Common {
  readonly type: 'storage';
  readonly isShared: boolean;
}

/** Where clients come in: a Gateway, an Ingress, a load balancer. */
export interface EntranceBox extends Common {
  readonly type: 'entrance';
  readonly kind: string;
}

/** Something outside of the input: clients, a managed database, another namespace, a range of addresses. */
export interface OutsideBox extends Common {
  readonly type: 'outside';
  readonly what: 'clients' | 'database' | 'cache' | 'broker' | 'namespace' | 'addresses';
}

export type Box = WorkloadBox | StorageBox | EntranceBox | OutsideBox;

/**
 * How two boxes are joined. `traffic`: clients' requests. `allowed`: NetworkPolicies let it through, on both sides. `open`:
 * it is configured, and no policy of either side limits it. `blocked`: one side wants it or lets it out, the other
 * does not let it in, or the reverse. `mount`: a volume.
 */
export type ArrowStyle = 'traffic' | 'allowed' | 'open' | 'blocked' | 'mount';

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly style: ArrowStyle;
  /** Ports, or the path of a mount. */
  readonly label: string;
  /** Whether the same goes the other way, too. */
  readonly isMutual: boolean;
}
