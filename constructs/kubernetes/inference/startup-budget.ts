/** What decides how long a pod takes until its models are loaded. */
export interface StartupLoad {
  /** Bytes of all models that one pod loads at its start. */
  readonly modelBytes: number;
  /** Bytes a second that one pod reads from the store, and all pods together. */
  readonly throughput: { readonly perClient: number; readonly aggregate?: number };
  /** Pods that may start at once: all of them, after the loss of a zone or of the power. */
  readonly pods: number;
  /** Seconds that the engine takes beyond reading: allocation, compilation, warming up. */
  readonly engineSeconds: number;
}

/**
 * Storage does not always give what its provider states, and a start that is killed begins again from nothing,
 * while a hung start that is found late costs only time.
 */
const MARGIN = 2;

/** Bytes a second that each pod reads when all start at once. */
export function bytesPerSecond({ throughput, pods }: Pick<StartupLoad, 'throughput' | 'pods'>): number {
  return Math.min(throughput.perClient, (throughput.aggregate ?? Number.POSITIVE_INFINITY) / pods);
}

/**
 * Seconds that a startup probe must be patient: twice the time of reading the models from the store at the rate
 * that is left to each pod when all start at once, plus the engine's own. Downloading is not in it: an init
 * container does that, which no probe kills.
 *
 * @example 40 GB at 500 MB/s for each pod, vLLM (300 s): 2 × 80 s + 300 s = 460 s
 */
export function startupBudgetSeconds(load: StartupLoad): number {
  return Math.ceil((MARGIN * load.modelBytes) / bytesPerSecond(load) + load.engineSeconds);
}
