import type { Database } from '../database/database.js';
import { type Beat, beatSchema } from './beat.js';
import type { Member, MemberStatus, Members } from './members.js';
import { memberOf, Peer } from './peer.js';
import type { PeerCall } from './peer-call.js';
import type { OwnSettings, Registry, RegistrySnapshot } from './registry.js';
import type { Self } from './self.js';
import type { SuspicionOptions } from './suspicion.js';

export interface MembershipOptions extends SuspicionOptions {
  readonly self: Self;
  readonly database: Database;
  readonly registry: Registry;
  /** How to ask a peer for a sign of life; without it only PostgreSQL tells. */
  readonly ping: PeerCall | undefined;
  /** Base URLs of peer ports, from elsewhere than PostgreSQL. */
  readonly discover: () => Promise<readonly string[]>;
  readonly observer: MembershipObserver;
}

interface MembershipObserver {
  onStatus(member: Member, from: MemberStatus | undefined): void;
  onPing(outcome: 'answered' | 'refused' | 'failed'): void;
  /** A heartbeat has reached PostgreSQL. */
  onHeartbeat(seconds: number): void;
  onError(error: unknown): void;
}

/** A peer that has been silent for so many heartbeats is asked directly. */
const SILENT_BEATS = 1.5;
/** A tick that comes so many heartbeats late says that this node was not there, and others may have been. */
const LATE_BEATS = 2;
const DEAD_PING_MILLISECONDS = 5_000;
const DISCOVER_MILLISECONDS = 5_000;
const REFRESH_MILLISECONDS = 50;

/**
 * Who is in the cluster. Nodes tell through PostgreSQL that they live. Who is not heard of there, be it that
 * PostgreSQL is away, is asked directly: only a node that neither way gives a sign of life is suspected.
 */
export class Membership implements Members {
  all: readonly Member[] = [];
  leader: string | undefined;
  epoch = 0;
  /** What PostgreSQL last said of the whole. */
  snapshot: RegistrySnapshot | undefined;
  private readonly peers = new Map<string, Peer>();
  private readonly listeners: (() => void)[] = [];
  private readonly snapshotListeners: ((snapshot: RegistrySnapshot) => void)[] = [];
  private readonly settingsListeners: ((settings: OwnSettings) => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private lastTick = performance.now();
  private lastDiscovery = Number.NEGATIVE_INFINITY;
  private syncing: Promise<void> | undefined;
  private shown = '';
  private refreshing: NodeJS.Timeout | undefined;

  constructor(private readonly options: MembershipOptions) {
    this.refresh();
  }

  get self(): string {
    return this.options.self.id;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Calls back with what the registry holds, at every heartbeat while PostgreSQL is there. */
  onSnapshot(listener: (snapshot: RegistrySnapshot) => void): void {
    this.snapshotListeners.push(listener);
  }

  /** Calls back with what operators have set for this node, at every heartbeat. */
  onSettings(listener: (settings: OwnSettings) => void): void {
    this.settingsListeners.push(listener);
  }

  doubt(id: string): void {
    const peer = this.peers.get(id);
    if (peer && !peer.asked) void this.ask(peer);
  }

  /** Joins: the first heartbeat is out, and others are known, when it resolves. */
  async start(): Promise<void> {
    await this.sync();
    if (!this.options.database.available) await this.discover();
    this.later();
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.refreshing);
  }

  /** Tells everybody at once what has changed here. */
  async announce(): Promise<void> {
    this.refresh();
    await this.syncing;
    const others = [...this.peers.values()].filter(({ status }) => status !== 'left' && status !== 'dead');
    await Promise.all([this.sync(), ...others.map((peer) => this.ask(peer))]);
  }

  /** A peer asks for a sign of life, and gives its own. */
  answer(body: unknown): Beat {
    const beat = beatSchema.parse(body);
    this.note(beat, performance.now());
    this.refreshSoon();
    return this.options.self.beat();
  }

  private later(): void {
    const { heartbeatSeconds } = this.options;
    this.timer = setTimeout(() => {
      this.tick();
      this.later();
    }, heartbeatSeconds * 1000).unref();
  }

  private tick(): void {
    const now = performance.now();
    const beat = this.options.heartbeatSeconds * 1000;
    const gap = now - this.lastTick;
    this.lastTick = now;
    for (const peer of this.peers.values()) {
      if (gap > beat * LATE_BEATS) peer.forgive(gap - beat, now);
      peer.judge(now);
      const silence = now - peer.lastHeard;
      const patience = peer.status === 'dead' ? DEAD_PING_MILLISECONDS : beat * SILENT_BEATS;
      if (peer.status !== 'left' && silence > patience && !peer.asked) void this.ask(peer);
    }
    void this.sync();
    if (!this.options.database.available && now - this.lastDiscovery > DISCOVER_MILLISECONDS)
      void this.discover();
    this.refresh();
  }

  private sync(): Promise<void> {
    this.syncing ??= this.exchange().finally(() => {
      this.syncing = undefined;
    });
    return this.syncing;
  }

  /** Writes a heartbeat and reads those of the others. */
  private async exchange(): Promise<void> {
    const { database, registry, self, observer } = this.options;
    if (!database.available) {
      this.leader = undefined;
      return;
    }
    try {
      const start = performance.now();
      self.settings = await registry.write(self.beat());
      observer.onHeartbeat((performance.now() - start) / 1000);
      const snapshot = await registry.read();
      this.snapshot = snapshot;
      this.take(snapshot);
      for (const listener of this.settingsListeners) listener(self.settings);
      for (const listener of this.snapshotListeners) listener(snapshot);
    } catch (error) {
      observer.onError(error);
    }
  }

  private take({ nodes, leader, epoch }: RegistrySnapshot): void {
    const now = performance.now();
    for (const { beat, status, silentSeconds } of nodes) {
      if (beat.id === this.self) continue;
      const known = this.peers.get(beat.id);
      const told = status === 'dead' ? 'healthy' : status;
      const heardAt = now - silentSeconds * 1000;
      this.note({ ...beat, status: told }, now, heardAt);
      const peer = this.peers.get(beat.id);
      if (peer && status === 'dead' && beat.beat >= peer.beat.beat) peer.reaped = true;
      if (peer && peer !== known) peer.judge(now);
    }
    const registered = new Set(nodes.map(({ beat }) => beat.id));
    for (const [id, { status }] of this.peers) {
      if (!registered.has(id) && (status === 'dead' || status === 'left')) this.peers.delete(id);
    }
    this.leader = leader;
    this.epoch = epoch;
    this.refresh();
  }

  private note(beat: Beat, now: number, heardAt = now): void {
    if (beat.id === this.self) return;
    const peer = this.peers.get(beat.id);
    if (peer && peer.beat.incarnation === beat.incarnation) peer.heard(beat, now);
    else if (!peer || peer.beat.startedAt <= beat.startedAt) {
      this.peers.set(beat.id, new Peer(beat, this.options, heardAt));
    }
  }

  private async ask(peer: Peer): Promise<void> {
    const { ping, self, observer } = this.options;
    const { peerUrl } = peer.beat;
    if (!ping || peerUrl === undefined) return;
    peer.asked = true;
    try {
      this.note(beatSchema.parse(await ping(peerUrl, self.beat())), performance.now());
      observer.onPing('answered');
    } catch (error) {
      const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
      if (refused) peer.refused(performance.now());
      observer.onPing(refused ? 'refused' : 'failed');
    } finally {
      peer.asked = false;
      this.refreshSoon();
    }
  }

  /** Finds nodes while PostgreSQL can't tell of them. */
  private async discover(): Promise<void> {
    const { ping, discover, self, observer } = this.options;
    if (!ping) return;
    this.lastDiscovery = performance.now();
    const known = new Set([self.peerUrl, ...[...this.peers.values()].map(({ beat }) => beat.peerUrl)]);
    try {
      const unknown = (await discover()).filter((url) => !known.has(url));
      await Promise.allSettled(
        unknown.map(async (url) => {
          this.note(beatSchema.parse(await ping(url, self.beat())), performance.now());
        }),
      );
      this.refresh();
    } catch (error) {
      observer.onError(error);
    }
  }

  /** While PostgreSQL is away every peer pings every other: one new list serves many pings. */
  private refreshSoon(): void {
    this.refreshing ??= setTimeout(() => {
      this.refreshing = undefined;
      this.refresh();
    }, REFRESH_MILLISECONDS).unref();
  }

  /** Makes the list anew, and tells of what has changed in it. */
  private refresh(): void {
    const now = performance.now();
    const { self, observer } = this.options;
    const before = new Map(this.all.map((member) => [member.id, member.status]));
    const own = memberOf(self.current, self.status, 0);
    const others = [...this.peers.values()].map((peer) => peer.member(now));
    this.all = [own, ...others].sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const member of others) {
      const from = before.get(member.id);
      if (from !== member.status) observer.onStatus(member, from);
    }
    const shown = JSON.stringify([this.leader, this.epoch, this.all.map(shownOf)]);
    if (shown === this.shown) return;
    this.shown = shown;
    for (const listener of this.listeners) listener();
  }
}

/** All but what changes all the time. */
function shownOf({ phi: _phi, load: _load, models, ...member }: Member): unknown {
  return { ...member, models: models.map(({ load: _load, ...model }) => model) };
}
