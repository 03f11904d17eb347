import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { PATHS } from '../../contract.cjs';
import { invalidRequest } from '../api/api-error.js';
import type { Config } from '../config/config.js';
import type { Database } from '../database/database.js';
import type { Metrics } from '../operations/metrics.js';
import { peersByDns } from './discovery.js';
import { placement } from './duties/placement.js';
import { reap } from './duties/reap.js';
import { retention } from './duties/retention.js';
import { Duties, type Duty } from './duties.js';
import type { ClusterEvents } from './events.js';
import { LeaderLease } from './leader-lease.js';
import { type Member, type Members, singleMember } from './members.js';
import { Membership } from './membership.js';
import { memberOf } from './peer.js';
import type { PeerCall } from './peer-call.js';
import { type OwnSettings, Registry } from './registry.js';
import { Self, type SelfOptions } from './self.js';

export interface ClusterOptions extends Omit<SelfOptions, 'id' | 'role' | 'zone'> {
  readonly id: string;
  readonly config: Config;
  /** Without it the node is a cluster of its own. */
  readonly database: Database | undefined;
  /** How other nodes are asked; without a cluster secret none is. */
  readonly call: PeerCall | undefined;
  readonly events: ClusterEvents;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A heartbeat that fails, fails every second. */
const ERROR_MILLISECONDS = 30_000;

/** This node's part in the cluster. */
export interface Cluster {
  readonly members: Members;
  /** `undefined` without a database. */
  readonly registry: Registry | undefined;
  /** Of the whole cluster, for good; `undefined` until PostgreSQL has told. */
  readonly clusterId: string | undefined;
  /** Adds something that one node does for all. Never done without a database. */
  duty(duty: Duty): void;
  /** Whether this node leads, as far as it knows. */
  readonly leads: boolean;
  /** Calls back with what operators have set for this node, and which models the leader wants on it. */
  onDirections(listener: (directions: Directions) => void): void;
  /** Others are known, and know of this node at `peerUrl`, when it resolves. */
  start(peerUrl: string | undefined): Promise<void>;
  /** Lets the others know that this node takes no new work. */
  drain(): Promise<void>;
  /** Leaves on purpose. */
  leave(): Promise<void>;
}

export interface Directions {
  readonly settings: OwnSettings;
  /** Of the models with a number of replicas, those that are to be here. */
  readonly placed: ReadonlySet<string>;
}

export function createCluster(options: ClusterOptions): Cluster {
  const { config } = options;
  const self = new Self({ ...options, role: config.role, zone: config.cluster.zone });
  return options.database ? new DatabaseCluster(self, options.database, options) : clusterOfOne(self);
}

/** What `/api/v1/health/detailed` says of it. */
export function clusterHealth({ members, leads }: Cluster, database: Database | undefined): object {
  const statuses = members.all.map(({ status }) => status);
  return {
    database: database ? (database.available ? 'available' : 'away') : 'none',
    cluster: {
      leader: members.leader ?? null,
      epoch: members.epoch,
      leads,
      members: Object.fromEntries(
        [...new Set(statuses)].map((status) => [status, statuses.filter((each) => each === status).length]),
      ),
    },
  };
}

/** `POST /api/v1/cluster/ping`, on the peer port: a sign of life for a sign of life. */
export function pings(peers: FastifyInstance, { members }: Cluster): void {
  if (!(members instanceof Membership)) return;
  peers.post(PATHS.ping, async ({ body }) => {
    try {
      return members.answer(body);
    } catch {
      throw invalidRequest('This is no heartbeat that this version knows.', null, 'invalid_heartbeat');
    }
  });
}

function clusterOfOne(self: Self): Cluster {
  const members = singleMember(() => memberOf(self.current, self.status, 0));
  return {
    members,
    registry: undefined,
    clusterId: self.id,
    duty: () => undefined,
    leads: true,
    onDirections: () => undefined,
    start: async (peerUrl) => {
      self.peerUrl = peerUrl;
    },
    drain: async () => {
      self.status = 'draining';
    },
    leave: async () => undefined,
  };
}

class DatabaseCluster implements Cluster {
  readonly members: Membership;
  readonly registry: Registry;
  private readonly lease: LeaderLease;
  private readonly duties: Duties;
  private renewAt = 0;
  private lastError = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly self: Self,
    database: Database,
    private readonly options: ClusterOptions,
  ) {
    const { config, call, events, logger } = options;
    const { cluster } = config;
    this.registry = new Registry(database);
    this.lease = new LeaderLease({
      database,
      node: self.id,
      incarnation: self.incarnation,
      leaseSeconds: cluster.leaseSeconds,
      onChange: (leads, epoch) => this.onLeadership(leads, epoch),
    });
    this.members = new Membership({
      ...cluster,
      self,
      database,
      registry: this.registry,
      ping: call && ((url, body) => call(`${url}${PATHS.ping}`, body)),
      discover: peersByDns(config),
      observer: {
        onStatus: (member, from) => this.onStatus(member, from),
        onPing: (outcome) => options.metrics.of.peerPings.inc({ outcome }),
        onHeartbeat: (seconds) => options.metrics.of.heartbeatSeconds.observe(seconds),
        onError: (err) => this.onHeartbeatError(err),
      },
    });
    this.duties = new Duties(this.lease, {
      onDone: (duty, seconds) => options.metrics.of.dutySeconds.observe({ duty }, seconds),
      onFailed: (duty, err) => {
        options.metrics.of.dutyFailures.inc({ duty });
        logger.error({ err, duty }, 'duty failed');
      },
      onFenced: (duty) => options.metrics.of.dutiesFenced.inc({ duty }),
    });
    this.duties.add(reap({ members: this.members, events, ...cluster }));
    this.duties.add(placement({ members: this.members, events }));
    this.duties.add(retention(cluster));
    this.members.onSnapshot(({ leader }) => void this.lead(leader));
    this.observe();
  }

  get leads(): boolean {
    return this.lease.epoch !== undefined;
  }

  get clusterId(): string | undefined {
    return this.members.snapshot?.clusterId;
  }

  duty(duty: Duty): void {
    this.duties.add(duty);
  }

  onDirections(listener: (directions: Directions) => void): void {
    this.members.onSnapshot(({ placements }) => {
      const placed = [...placements]
        .filter(([, nodes]) => nodes.includes(this.self.id))
        .map(([model]) => model);
      listener({ settings: this.self.settings, placed: new Set(placed) });
    });
  }

  async start(peerUrl: string | undefined): Promise<void> {
    this.self.peerUrl = peerUrl;
    await this.members.start();
    this.options.events.record('node.joined', { role: this.options.config.role });
  }

  async drain(): Promise<void> {
    if (this.self.status !== 'healthy') return;
    this.self.status = 'draining';
    this.options.events.record('node.draining');
    await this.resign();
    await this.members.announce();
  }

  async leave(): Promise<void> {
    this.members.stop();
    await this.resign();
    this.self.status = 'left';
    this.options.events.record('node.left');
    await this.members.announce();
  }

  /** Takes the lease where nobody has it, renews it in time, and does what a leader has to. */
  private async lead(leader: string | undefined): Promise<void> {
    const { role, cluster } = this.options.config;
    if ((role !== 'controller' && role !== 'all') || this.self.status !== 'healthy') return;
    try {
      if (this.leads ? performance.now() >= this.renewAt : leader === undefined || leader === this.self.id) {
        this.renewAt = performance.now() + (cluster.leaseSeconds * 1000) / 3;
        await this.lease.attempt();
      }
      if (this.leads) await this.duties.run();
    } catch (err) {
      this.options.logger.warn({ err }, 'the lease could not be renewed');
    }
  }

  private async resign(): Promise<void> {
    await this.lease
      .resign()
      .catch((err: unknown) => this.options.logger.warn({ err }, 'the lease runs out by itself'));
  }

  private onHeartbeatError(err: unknown): void {
    const now = performance.now();
    if (now - this.lastError < ERROR_MILLISECONDS) return;
    this.lastError = now;
    this.options.logger.warn({ err }, 'heartbeat failed');
  }

  private onLeadership(leads: boolean, epoch: number): void {
    const { logger, events, metrics } = this.options;
    metrics.of.leaderEpoch.set(epoch);
    logger.info({ epoch }, leads ? 'leads the cluster' : 'leads no more');
    if (!leads) return;
    metrics.of.leaderElections.inc();
    events.record('leader.elected', { epoch });
    // Of the old leader's silence nobody could tell.
    for (const { id, status } of this.members.all) {
      if (status === 'suspected') events.record('node.suspected', { node: id });
    }
  }

  private onStatus({ id, status, phi }: Member, from: Member['status'] | undefined): void {
    const { logger, events } = this.options;
    const level = status === 'suspected' || status === 'dead' ? 'warn' : 'info';
    logger[level]({ member: id, status, from, phi: Math.round(phi * 10) / 10 }, 'member');
    // Every node sees it; one tells of it.
    if (!this.leads || from === undefined) return;
    if (status === 'suspected') events.record('node.suspected', { node: id });
    else if (status === 'healthy' && (from === 'suspected' || from === 'dead')) {
      events.record('node.recovered', { node: id });
    }
  }

  private observe(): void {
    const { metrics } = this.options;
    metrics.onScrape(() => {
      metrics.of.leading.set(this.leads ? 1 : 0);
      for (const status of ['healthy', 'suspected', 'draining', 'left', 'dead'] as const) {
        const count = this.members.all.filter((member) => member.status === status).length;
        metrics.of.clusterMembers.set({ status }, count);
      }
    });
  }
}
