import { GATEWAY_METRICS } from '../../metrics.cjs';
import type { Engines } from '../engine/engines.js';
import type { Metrics } from './metrics.js';

const LOADS = ['queued', 'running', 'kvUsage'] as const;

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
    // A model that has left this node, busy as it was, must not stay in sight.
    for (const gauge of [of.modelReady, of.modelQuarantined, of.loadProgress, of.sequences]) gauge.reset();
    for (const key of LOADS) {
      of[key].reset();
      gateway?.[key].reset();
    }
    for (const { id: model, phase, engine, receivedBytes, totalBytes, progress } of engines.status) {
      of.modelReady.set({ model }, phase === 'ready' ? 1 : 0);
      of.modelQuarantined.set({ model }, phase === 'quarantined' ? 1 : 0);
      of.loadProgress.set({ model }, phase === 'ready' ? 1 : (progress ?? 0));
      if (receivedBytes !== undefined) of.downloadedBytes.set({ model }, receivedBytes);
      if (totalBytes !== undefined) of.downloadTotalBytes.set({ model }, totalBytes);
      const load = engine?.load ?? { queued: 0, running: 0, sequences: 0, kvUsage: 0 };
      of.sequences.set({ model }, load.sequences);
      for (const key of LOADS) {
        of[key].set({ model }, load[key]);
        gateway?.[key].set({ model_name: model }, load[key]);
      }
    }
  });
}
