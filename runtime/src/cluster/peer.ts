import type { Beat } from './beat.js';
import type { Member, MemberStatus } from './members.js';
import { Suspicion, type SuspicionOptions, type Verdict } from './suspicion.js';

/** Another node: what it last told of itself, and what its silence says. */
export class Peer {
  /** The leader has found it dead. */
  reaped = false;
  /** It is being asked for a sign of life. */
  asked = false;
  verdict: Verdict = 'healthy';
  private readonly suspicion: Suspicion;

  constructor(
    public beat: Beat,
    options: SuspicionOptions,
    heardAt: number,
  ) {
    this.suspicion = new Suspicion(options, heardAt);
  }

  get lastHeard(): number {
    return this.suspicion.lastHeard;
  }

  /** Takes what it tells now, or what others have set for it. */
  heard(beat: Beat, now: number): void {
    if (beat.beat > this.beat.beat) {
      this.suspicion.heard(now);
      this.reaped = false;
    }
    if (beat.beat >= this.beat.beat) this.beat = beat;
  }

  refused(now: number): void {
    this.suspicion.refused(now);
  }

  forgive(milliseconds: number, now: number): void {
    this.suspicion.forgive(milliseconds, now);
  }

  judge(now: number): void {
    this.verdict = this.suspicion.judge(now);
  }

  member(now: number): Member {
    return memberOf(this.beat, this.status, this.suspicion.phi(now));
  }

  get status(): MemberStatus {
    if (this.beat.status === 'left') return 'left';
    if (this.reaped) return 'dead';
    return this.verdict === 'healthy' ? this.beat.status : this.verdict;
  }
}

export function memberOf(beat: Beat, status: MemberStatus, phi: number): Member {
  const { id, role, peerUrl, zone, version, startedAt, weight, load, models } = beat;
  return {
    id,
    role,
    peerUrl,
    ...(zone !== undefined && { zone }),
    version,
    startedAt: new Date(startedAt),
    weight,
    status,
    phi,
    load,
    models: models.map((model) => {
      const own = load.models[model.id];
      return { ...model, ...(own && { load: own }) };
    }),
  };
}
