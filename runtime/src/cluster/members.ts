import type { Role } from '../../contract.cjs';
import type { ModelDescription } from '../engine/engine.js';

/** One node, as another one sees it. */
export interface Member {
  readonly id: string;
  readonly role: Role;
  /** Base URL of its peer port; `undefined` where it has none. */
  readonly peerUrl: string | undefined;
  readonly zone?: string;
  readonly version: string;
  readonly startedAt: Date;
  /** Share of the work it gets beside others; 1 is usual, and 0 none. */
  readonly weight: number;
  readonly status: MemberStatus;
  /** How surprising its silence is: −log₁₀ of the chance that it is merely late. */
  readonly phi: number;
  readonly models: readonly MemberModel[];
  readonly load: MemberLoad;
}

/**
 * `suspected`: silent for too long, gets no new work. `draining`: hands its streams over, gets no new work. `left`: is
 * gone on purpose. `dead`: is gone, its streams are others'.
 */
export type MemberStatus = 'healthy' | 'suspected' | 'draining' | 'left' | 'dead';

export interface MemberModel {
  readonly id: string;
  readonly state: 'loading' | 'ready' | 'failed' | 'quarantined';
  /** An operator may take it out of the routing. */
  readonly enabled: boolean;
  readonly contextSize?: number;
  readonly capabilities?: ModelDescription['capabilities'];
  readonly weight: number;
  /** Why it is not ready. */
  readonly reason?: string;
  readonly load?: MemberLoad;
}

interface MemberLoad {
  readonly running: number;
  readonly queued: number;
  readonly sequences: number;
}

/** Who is in the cluster. What it says is this node's view, at most a few heartbeats old. */
export interface Members {
  /** Id of this node. */
  readonly self: string;
  readonly all: readonly Member[];
  /** Of the leader: a higher one is newer. */
  readonly epoch: number;
  /** Id of the node that leads; `undefined` where none does. */
  readonly leader: string | undefined;
  /** Calls back when a member comes, goes or changes; not for its load. */
  onChange(listener: () => void): void;
  /** A call to that member has failed: it is asked for a sign of life at once. */
  doubt(id: string): void;
}

/** The cluster of one, of a node without a database. */
export function singleMember(member: () => Member): Members {
  const { id } = member();
  return {
    self: id,
    get all() {
      return [member()];
    },
    epoch: 0,
    leader: id,
    onChange: () => undefined,
    doubt: () => undefined,
  };
}
