import type { Logger } from 'pino';
import type { FetchReport } from '../engine/engines.js';

const EVERY_MILLISECONDS = 10_000;

/** Logs how the fetching of models goes on, now and then. */
export function fetchLog(logger: Logger): FetchReport {
  let last = Number.NEGATIVE_INFINITY;
  return {
    onProgress(model, progress) {
      const now = performance.now();
      if (progress.phase === 'verifying' || now - last < EVERY_MILLISECONDS) return;
      last = now;
      logger.info(
        { model, ...progress },
        progress.phase === 'waiting' ? 'another node fetches the model' : 'fetching',
      );
    },
    onNotice: (model, text) => logger.warn({ model }, text),
  };
}
