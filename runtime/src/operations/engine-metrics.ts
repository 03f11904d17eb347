import { GATEWAY_METRICS } from '../../metrics.cjs';
import type { Engines } from '../engine/engines.js';
import type { Metrics } from './metrics.js';

/** Shows how busy the engines are, and how far they are with starting, whenever Prometheus asks. */
export function observeEngines(metrics: Metrics, engines: Engines, embedded: boolean): void {
  const { of } = metrics;
  // An engine beside the node shows its own under these names.
  const gateway = embedded ? metrics.add(GATEWAY_METRICS) : undefined;
  engines.onEngine((model, engine) => {
    engine.onState(({ phase }) => {
      if (phase === 'restarting') of.engineRestarts.inc({ model });
    });
  });
  metrics.onScrape(() => {
    for (const { id: model, phase, engine, receivedBytes, totalBytes, progress } of engines.status) {
      of.modelReady.set({ model }, phase === 'ready' ? 1 : 0);
      of.modelQuarantined.set({ model }, phase === 'quarantined' ? 1 : 0);
      of.loadProgress.set({ model }, phase === 'ready' ? 1 : (progress ?? 0));
      if (receivedBytes !== undefined) of.downloadedBytes.set({ model }, receivedBytes);
      if (totalBytes !== undefined) of.downloadTotalBytes.set({ model }, totalBytes);
      const load = engine?.load ?? { queued: 0, running: 0, sequences: 0, kvUsage: 0 };
      of.sequences.set({ model }, load.sequences);
      for (const key of ['queued', 'running', 'kvUsage'] as const) {
        of[key].set({ model }, load[key]);
        gateway?.[key].set({ model_name: model }, load[key]);
      }
    }
  });
}
