import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type Metric, RUNTIME_METRICS } from '../../metrics.cjs';

type Label<M extends Metric> = M['labels'][number];

/** The prom-client object of a metric in the list, with its labels. */
type Instrument<M extends Metric> = M['type'] extends 'counter'
  ? Counter<Label<M>>
  : M['type'] extends 'gauge'
    ? Gauge<Label<M>>
    : Histogram<Label<M>>;

export type Instruments<List extends Readonly<Record<string, Metric>>> = {
  readonly [Key in keyof List]: Instrument<List[Key]>;
};

const NANOSECONDS = 1e9;
/** Often enough to see a stall of 20 ms, and cheap. */
const EVENT_LOOP_RESOLUTION_MILLISECONDS = 10;

/** All metrics of one node, in a registry of their own, since tests run several nodes in a process. */
export class Metrics {
  readonly registry = new Registry();
  readonly of: Instruments<typeof RUNTIME_METRICS>;
  private readonly delay = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MILLISECONDS });
  private readonly readings: (() => void)[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.of = this.add(RUNTIME_METRICS);
    this.delay.enable();
    this.onScrape(() => this.readEventLoopDelay());
  }

  add<const List extends Readonly<Record<string, Metric>>>(list: List): Instruments<List> {
    const entries = Object.entries(list).map(([key, metric]) => [key, this.instrument(metric)]);
    return Object.fromEntries(entries) as Instruments<List>;
  }

  /** Reads gauges right before they are shown. */
  onScrape(reading: () => void): void {
    this.readings.push(reading);
  }

  /** What Prometheus reads. */
  async text(): Promise<string> {
    for (const reading of this.readings) reading();
    return this.registry.metrics();
  }

  close(): void {
    this.delay.disable();
    this.registry.clear();
  }

  private instrument({ name, type, help, labels, buckets }: Metric): Counter | Gauge | Histogram {
    const options = { name, help, labelNames: [...labels], registers: [this.registry] };
    if (type === 'counter') return new Counter(options);
    if (type === 'gauge') return new Gauge(options);
    return new Histogram({ ...options, ...(buckets && { buckets: [...buckets] }) });
  }

  private readEventLoopDelay(): void {
    for (const quantile of [0.5, 0.99, 1]) {
      // The histogram counts whole intervals: what exceeds the resolution is delay.
      const milliseconds = this.delay.percentile(quantile * 100) / (NANOSECONDS / 1000);
      const late = Math.max(0, milliseconds - EVENT_LOOP_RESOLUTION_MILLISECONDS);
      this.of.eventLoopDelay.set({ quantile: String(quantile) }, this.delay.count === 0 ? 0 : late / 1000);
    }
    this.delay.reset();
  }
}
