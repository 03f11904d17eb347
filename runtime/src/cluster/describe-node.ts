import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { Config } from '../config/config.js';
import { servedModels } from '../config/served-models.js';
import type { ModelStatus } from '../engine/model-slot.js';
import type { BeatModel, Offer } from './beat.js';
import type { SelfState } from './self.js';

/** The models that a node could load: a gateway and a controller load none. */
export function offersOf(config: Pick<Config, 'role' | 'models'>): Offer[] {
  return servedModels(config).map(({ id, placement: { replicas, max } }) => ({
    model: id,
    ...(replicas !== undefined && { replicas }),
    ...(max !== undefined && { max }),
  }));
}

/** What the other nodes are told of the models here. */
export function stateOf(status: readonly ModelStatus[]): SelfState {
  const loads = Object.fromEntries(
    status.map(({ id, engine }) => {
      const { running, queued, sequences } = engine?.load ?? { running: 0, queued: 0, sequences: 0 };
      return [id, { running, queued, sequences }];
    }),
  );
  const sum = (key: 'running' | 'queued' | 'sequences') =>
    Object.values(loads).reduce((total, load) => total + load[key], 0);
  return {
    models: status.map(({ id, phase, reason, engine }) => ({
      id,
      state: STATES[phase] ?? 'loading',
      ...(reason !== undefined && { reason }),
      ...(engine?.description && {
        contextSize: engine.description.contextSize,
        capabilities: engine.description.capabilities,
      }),
    })),
    load: { running: sum('running'), queued: sum('queued'), sequences: sum('sequences'), models: loads },
  };
}

const STATES: Readonly<Partial<Record<ModelStatus['phase'], BeatModel['state']>>> = {
  ready: 'ready',
  failed: 'failed',
  quarantined: 'quarantined',
};

/** Where other nodes reach the peer port: by the pod's address, or the address or name that the node listens on. */
export function peerUrlOf({ host, cluster }: Pick<Config, 'host' | 'cluster'>, server: Server): string {
  const { port } = server.address() as AddressInfo;
  const name = cluster.podIp ?? (host === '0.0.0.0' || host === '::' ? hostname() : host);
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
