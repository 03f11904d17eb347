import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Beat, Offer } from '../../cluster/beat.js';
import type { ModelDescription } from '../../engine/engine.js';

/** A point in time that PostgreSQL's own clock sets. */
type ServerTime = ColumnType<Date, Date | undefined, Date>;

/** Everything that has been a member of the cluster lately. */
interface NodesTable {
  id: string;
  /** Changes with every start of the process. */
  incarnation: string;
  role: string;
  /** Null where other nodes can't call it. */
  peer_url: string | null;
  zone: string | null;
  version: string;
  started_at: Date;
  /** By PostgreSQL's clock. */
  heartbeat_at: ServerTime;
  /** Counts the heartbeats of an incarnation. */
  beat: number;
  status: 'healthy' | 'draining' | 'left' | 'dead';
  load: JSONColumnType<Beat['load']>;
  /** Models that it could load. */
  offers: JSONColumnType<Offer[]>;
  /** Set by operators. */
  weight: Generated<number>;
}

/** One model on one node, present or wanted. */
interface ModelInstancesTable {
  node_id: string;
  model: string;
  state: 'loading' | 'ready' | 'failed' | 'quarantined' | 'absent';
  /** Why it is not ready. */
  reason: string | null;
  context_size: number | null;
  capabilities: JSONColumnType<ModelDescription['capabilities']> | null;
  /** Set by operators, as the two below are. */
  enabled: Generated<boolean>;
  weight: Generated<number>;
  /** Counts how often an operator has lifted the quarantine. */
  releases: Generated<number>;
  updated_at: ServerTime;
}

/** The leader's decision which node is to load which model. */
interface PlacementsTable {
  model: string;
  node_id: string;
  epoch: number;
  decided_at: ServerTime;
}

/** One row: who leads. */
interface LeaderLeaseTable {
  name: 'leader';
  node_id: string | null;
  incarnation: string | null;
  /** Grows with every change of hands. */
  epoch: Generated<number>;
  acquired_at: ServerTime;
  expires_at: ServerTime;
  /** Of the cluster, for good. */
  cluster_id: Generated<string>;
}

/** When the leader last did what it does at intervals. */
interface DutiesTable {
  name: string;
  epoch: number;
  ran_at: ServerTime;
}

/** What operators should know of. */
interface EventsTable {
  id: Generated<number>;
  at: ServerTime;
  type: string;
  node_id: string;
  details: JSONColumnType<Record<string, unknown>>;
}

export interface ClusterTables {
  nodes: NodesTable;
  model_instances: ModelInstancesTable;
  placements: PlacementsTable;
  leader_lease: LeaderLeaseTable;
  duties: DutiesTable;
  events: EventsTable;
}
