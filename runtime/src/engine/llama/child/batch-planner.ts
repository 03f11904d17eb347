import type { NativeContext } from './bindings.js';

/** How long measuring may hold up the start; what is not measured by then is interpolated. */
const BUDGET_MILLISECONDS = 1_000;
/** Each size is measured so often, the others in between: what disturbs one round does not disturb the next. */
const ROUNDS = 3;

/** Neighbouring sequences that are decoded in one batch, `to` exclusive. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

/**
 * Decides which sequences share a batch. llama.cpp decodes only sequences that are neighbours together, and on a CPU
 * the time a batch takes jumps with its size: two tokens may cost four times one, and sixteen less than eight. So a
 * step may be cheapest in several batches, or with idle sequences filling gaps. What batches cost is measured once.
 */
export class BatchPlanner {
  private readonly plans = new Map<string, readonly Segment[]>();

  constructor(
    /** `costs[n - 1]` is the time of a batch of n neighbours. */
    private readonly costs: readonly number[],
    /** Idle sequences may be decoded too, since what that leaves behind can be removed. */
    private readonly padding: boolean,
  ) {}

  /**
   * One batch a sequence. llama.cpp computes one token by other kernels than several, which round otherwise: this way
   * it is always the same ones.
   */
  static apart(sequences: number): BatchPlanner {
    return new BatchPlanner(
      Array.from({ length: sequences }, (_, index) => (index === 0 ? 1 : Number.POSITIVE_INFINITY)),
      false,
    );
  }

  /**
   * Measures a context that nobody uses yet.
   *
   * @param clock milliseconds that the work has taken so far. On a CPU those of the processor: on a busy machine the
   * wall clock counts others' turns, and one unlucky measurement would halve the throughput for good.
   */
  static async measure(
    context: NativeContext,
    sequences: number,
    clock: () => number = processorMilliseconds,
  ): Promise<BatchPlanner> {
    const measured = new Map<number, number>();
    const end = performance.now() + BUDGET_MILLISECONDS;
    for (const size of measuringOrder(sequences)) {
      if (measured.size >= 2 && performance.now() > end) break;
      const known = measured.get(size) ?? Number.POSITIVE_INFINITY;
      measured.set(size, Math.min(known, await timeOf(context, size, clock)));
    }
    const costs = Array.from({ length: sequences }, (_, index) => interpolated(measured, index + 1));
    return new BatchPlanner(costs, await canRemove(context));
  }

  /** The cheapest batches that decode all active sequences. */
  plan(active: readonly boolean[]): readonly Segment[] {
    const key = active.map((each) => (each ? 1 : 0)).join('');
    const known = this.plans.get(key);
    if (known) return known;
    if (this.plans.size > 1000) this.plans.clear();
    const plan = this.cheapest(active);
    this.plans.set(key, plan);
    return plan;
  }

  private cheapest(active: readonly boolean[]): Segment[] {
    // best[n]: the cheapest way to decode the active ones of the first n sequences, by its last segment.
    const best: { cost: number; last: Segment | undefined; before: number }[] = [
      { cost: 0, last: undefined, before: 0 },
    ];
    for (let to = 1; to <= active.length; to++) {
      let choice = { cost: Number.POSITIVE_INFINITY, last: undefined as Segment | undefined, before: to - 1 };
      if (!active[to - 1]) choice = { cost: best[to - 1]?.cost ?? 0, last: undefined, before: to - 1 };
      for (let from = to - 1; from >= 0; from--) {
        if (!active[from] && !this.padding) break;
        const cost = (best[from]?.cost ?? 0) + (this.costs[to - from - 1] ?? Number.POSITIVE_INFINITY);
        if (cost < choice.cost) choice = { cost, last: { from, to }, before: from };
      }
      best.push(choice);
    }
    const segments: Segment[] = [];
    for (let at = active.length; at > 0; at = best[at]?.before ?? 0) {
      const last = best[at]?.last;
      if (last) segments.unshift(last);
    }
    return segments;
  }
}

/** One, all and the powers of two, each round; then the rest. */
function measuringOrder(sequences: number): number[] {
  const all = Array.from({ length: sequences }, (_, index) => index + 1);
  const first = new Set([1, sequences, ...all.filter((size) => Number.isInteger(Math.log2(size)))]);
  const rest = all.filter((size) => !first.has(size));
  return [[...first], rest].flatMap((sizes) => Array.from({ length: ROUNDS }, () => sizes).flat());
}

async function timeOf(context: NativeContext, size: number, clock: () => number): Promise<number> {
  context.initBatch(size);
  for (let sequence = 0; sequence < size; sequence++) {
    context.addToBatch(sequence, 0, Uint32Array.of(0), Uint32Array.of(0));
  }
  const start = clock();
  await context.decodeBatch();
  const time = clock() - start;
  for (let sequence = 0; sequence < size; sequence++) context.disposeSequence(sequence);
  return time;
}

/** Of all threads of this process. */
function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Recurrent models keep no cells that one could remove. */
async function canRemove(context: NativeContext): Promise<boolean> {
  context.initBatch(2);
  context.addToBatch(0, 0, Uint32Array.of(0, 0), Uint32Array.of(1));
  await context.decodeBatch();
  const removed = context.removeTokenCellsFromSequence(0, 1, -1);
  context.disposeSequence(0);
  return removed;
}

function interpolated(measured: ReadonlyMap<number, number>, size: number): number {
  const exact = measured.get(size);
  if (exact !== undefined) return exact;
  const sizes = [...measured.keys()].sort((a, b) => a - b);
  const below = sizes.findLast((each) => each < size) ?? 1;
  const above = sizes.find((each) => each > size) ?? below;
  const [low = 0, high = 0] = [measured.get(below), measured.get(above)];
  return above === below ? low : low + ((high - low) * (size - below)) / (above - below);
}
