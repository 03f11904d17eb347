import type { Logger } from 'pino';
import type { Streaming } from '../../api/openai/streaming.js';
import type { Config } from '../../config/config.js';
import type { Engines } from '../../engine/engines.js';
import type { Metrics } from '../../operations/metrics.js';
import { Backend } from '../backends/backend.js';
import type { ClusterEvents } from '../events.js';
import type { Members } from '../members.js';
import { PeerPools } from '../peers/peer-pools.js';
import type { PeerTokens } from '../peers/peer-tokens.js';
import { type ListedModel, listModels } from '../routing/listed-models.js';
import { Router } from '../routing/router.js';
import { targetsOf } from '../routing/targets.js';
import { Forwarding } from './forwarding.js';

export interface OpenForwardingOptions {
  readonly config: Config;
  readonly members: Members;
  readonly engines: Engines;
  readonly tokens: PeerTokens | undefined;
  readonly streaming: Streaming;
  readonly draining: AbortSignal;
  readonly events: ClusterEvents;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface OpenForwarding {
  readonly forwarding: Forwarding;
  readonly router: Router;
  /** Whether anybody but this node can answer requests. */
  readonly hasOthers: boolean;
  /** Models of this node, of others and of backends. */
  models(): readonly ListedModel[];
  close(): Promise<void>;
}

/** Connects what a node needs to have requests answered by others. Backends are asked at once whether they are well. */
export async function openForwarding(options: OpenForwardingOptions): Promise<OpenForwarding> {
  const { config, members, engines, events, metrics, logger } = options;
  const { routing, cluster } = config;
  const backends = config.backends.map(
    (backend) =>
      new Backend(backend, routing.connectSeconds, ({ name, up, models }, err) => {
        metrics.of.backendUp.set({ backend: name }, up ? 1 : 0);
        logger[up ? 'info' : 'warn'](
          { backend: name, models, err },
          up ? 'backend is well' : 'backend is away',
        );
        events.record(up ? 'backend.up' : 'backend.down', { backend: name });
        router.refresh();
      }),
  );
  const router = new Router({
    targetsOf: (model) => targetsOf(members, backends, model),
    zone: cluster.zone,
  });
  const pools = new PeerPools(members, routing.connectSeconds);
  const queues = new Map(config.models.map(({ id, queue }) => [id, queue]));
  const forwarding = new Forwarding({
    ...options,
    ...{ router, backends, pools, routing },
    isFull(model) {
      const load = engines.all.find(({ description }) => description?.id === model)?.load;
      return load !== undefined && load.running + load.queued >= load.sequences + (queues.get(model) ?? 0);
    },
  });
  await Promise.all(backends.map((backend) => backend.start()));
  return {
    forwarding,
    router,
    get hasOthers() {
      return (
        backends.some(({ up }) => up) ||
        members.all.some(
          ({ id, status, models }) => id !== members.self && status === 'healthy' && models.length > 0,
        )
      );
    },
    models: () => listModels(engines.describe(), members.all, backends),
    async close() {
      await Promise.all([pools.close(), ...backends.map((backend) => backend.close())]);
    },
  };
}
