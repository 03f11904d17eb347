import { RUNTIME_METRICS } from '../../../runtime/metrics.cjs';
import { type Matchers, type Series, select, sum, type TargetLabel } from './promql';

type Metrics = typeof RUNTIME_METRICS;
type KeyOf<Type> = { [K in keyof Metrics]: Metrics[K]['type'] extends Type ? K : never }[keyof Metrics];
type Gauge = KeyOf<'gauge'>;
type Counter = KeyOf<'counter'>;
type Histogram = KeyOf<'histogram'>;
type LabelOf<K extends keyof Metrics> = TargetLabel | Metrics[K]['labels'][number];

/**
 * The series of the runtime's own metrics, by their keys in the runtime's one list: a wrong name, a rate of a gauge
 * and a label that the metric does not have are type errors.
 */
export class RuntimeSeries {
  /**
   * @param system labels that all nodes of one system have, and no others
   * @param window over which counters are looked at, where nothing else is said
   */
  constructor(
    private readonly system: Matchers<TargetLabel>,
    private readonly window: string,
  ) {}

  gauge<K extends Gauge>(key: K, matchers: Matchers<LabelOf<K>> = {}): Series<LabelOf<K>> {
    return select(RUNTIME_METRICS[key].name, { ...this.system, ...matchers });
  }

  /** How often a second. */
  rate<K extends Counter>(key: K, matchers: Matchers<LabelOf<K>> = {}): Series<LabelOf<K>> {
    return `rate(${select(RUNTIME_METRICS[key].name, { ...this.system, ...matchers })}[${this.window}])`;
  }

  /** How often within a time. */
  increase<K extends Counter>(key: K, time: string, matchers: Matchers<LabelOf<K>> = {}): Series<LabelOf<K>> {
    return `increase(${select(RUNTIME_METRICS[key].name, { ...this.system, ...matchers })}[${time}])`;
  }

  /** How many a second a histogram has seen. */
  observed<K extends Histogram>(key: K, matchers: Matchers<LabelOf<K>> = {}): Series<LabelOf<K>> {
    return `rate(${select(`${RUNTIME_METRICS[key].name}_count`, { ...this.system, ...matchers })}[${this.window}])`;
  }

  /** The value that a share of all that a histogram has seen stays below. */
  quantile<K extends Histogram>(share: number, key: K, by: readonly LabelOf<K>[] = []): Series<LabelOf<K>> {
    const buckets: Series<LabelOf<K> | 'le'> =
      `rate(${select(`${RUNTIME_METRICS[key].name}_bucket`, this.system)}[${this.window}])`;
    return `histogram_quantile(${share}, ${sum(buckets, ['le', ...by])})`;
  }

  /** Whether each node could be scraped. */
  up(): Series<TargetLabel> {
    return select('up', this.system);
  }

  /** What Node.js tells of its own process. */
  process(
    metric: 'process_resident_memory_bytes' | 'process_cpu_seconds_total' | 'nodejs_heap_size_used_bytes',
  ): Series<TargetLabel> {
    return select(metric, this.system);
  }
}
