import { randomUUID } from 'node:crypto';
import type { Role } from '../../contract.cjs';
import { VERSION } from '../version.js';
import type { Beat, BeatModel, Offer } from './beat.js';
import type { OwnSettings } from './registry.js';

/** The models that are here, and how much they have to do. */
export interface SelfState {
  readonly models: readonly Omit<BeatModel, 'enabled' | 'weight'>[];
  readonly load: Beat['load'];
}

export interface SelfOptions {
  readonly id: string;
  readonly role: Role;
  readonly zone: string | undefined;
  readonly offers: readonly Offer[];
  readonly state: () => SelfState;
}

const UNSET: OwnSettings = { weight: 1, models: new Map() };

/** What this node tells of itself. */
export class Self {
  readonly incarnation = randomUUID();
  readonly startedAt = Date.now();
  status: Beat['status'] = 'healthy';
  peerUrl: string | undefined;
  /** What operators have set, as the registry last said. */
  settings = UNSET;
  private beats = 0;

  constructor(private readonly options: SelfOptions) {}

  get id(): string {
    return this.options.id;
  }

  /** The next sign of life. */
  beat(): Beat {
    this.beats++;
    return this.current;
  }

  get current(): Beat {
    const { id, role, zone, offers, state } = this.options;
    const { models, load } = state();
    return {
      id,
      role,
      incarnation: this.incarnation,
      beat: this.beats,
      version: VERSION,
      startedAt: this.startedAt,
      status: this.status,
      weight: this.settings.weight,
      load,
      offers: [...offers],
      models: models.map((model) => {
        const { enabled = true, weight = 1 } = this.settings.models.get(model.id) ?? {};
        return { ...model, enabled, weight };
      }),
      ...(this.peerUrl !== undefined && { peerUrl: this.peerUrl }),
      ...(zone !== undefined && { zone }),
    };
  }
}
