import { type Container, loadingContainers, type Model, modelLoad, parseQuantity } from '../checks/model';
import type { PlanFacts } from './facts';
import { standingWorkloads } from './workloads';

/** How long pods that load models take until they serve. Seconds, and bytes a second. */
export interface StartPlan {
  readonly workload: string;
  /** Bytes that each pod reads. */
  readonly modelBytes: number;
  readonly storage: {
    readonly kind: string | null;
    readonly perClient: number;
    /** @default null: no limit is known */
    readonly aggregate: number | null;
    /** Where the figures come from. */
    readonly source: string;
  };
  /** The engine's own time: memory, compiling, warming up. */
  readonly engineSeconds: number;
  /** Starts of one pod, of the minimum and of the maximum at once. */
  readonly starts: readonly StartTime[];
  /** Pods from which the storage, and no longer each pod's own link, sets the time. @default null: never, or not known */
  readonly bottleneckFrom: number | null;
  /** Seconds until a probe kills a start. @default null: none does */
  readonly patience: number | null;
  /** Pods that may start at once before some are killed. @default null: any number */
  readonly mostAtOnce: number | null;
  readonly verdict: 'fits' | 'tight' | 'killed';
  /** Seconds of a first download at 1 Gbit/s, which one pod does for all. */
  readonly downloadSeconds: number;
}

interface StartTime {
  /** Pods that start at once, all that read the same storage counted. */
  readonly pods: number;
  readonly readSeconds: number;
  readonly seconds: number;
}

const GIGABIT = 125e6;
/** What the storage gives is not always what its provider states: a start should have half as much again. */
const EASY = 1.5;

/** Seconds that each of so many pods reads when all read at once. */
export function readSeconds(
  bytes: number,
  { perClient, aggregate }: { readonly perClient: number; readonly aggregate: number | null },
  pods: number,
): number {
  return bytes / Math.min(perClient, (aggregate ?? Number.POSITIVE_INFINITY) / pods);
}

/** The fewest pods that together want more than the storage gives to all. */
export function bottleneckFrom({
  perClient,
  aggregate,
}: {
  readonly perClient: number;
  readonly aggregate: number | null;
}): number | null {
  return aggregate === null ? null : Math.floor(aggregate / perClient) + 1;
}

/** A plan for each workload whose pods load models. */
export function startPlans(model: Model, facts: PlanFacts): StartPlan[] {
  const loading = standingWorkloads(model).flatMap((workload) => {
    const load = loadOf(loadingContainers(workload));
    return load ? [{ workload, ...load }] : [];
  });
  // All of them read the same storage, as far as anybody says.
  const least = loading.reduce((sum, { workload }) => sum + workload.replicas.guaranteed, 0);
  const most = loading.reduce((sum, { workload }) => {
    const { possible, guaranteed } = workload.replicas;
    return sum + (Number.isFinite(possible) ? possible : guaranteed);
  }, 0);
  const counts = [...new Set([1, least, most])].filter((pods) => pods > 0);
  return loading.map(({ workload, bytes, rate, patience }) => {
    const storage = storageOf(facts, rate);
    const { engineSeconds = 0, readsOfModel = 1 } = facts;
    const at = (pods: number): StartTime => {
      const seconds = readSeconds(bytes * readsOfModel, storage, pods);
      return { pods, readSeconds: seconds, seconds: seconds + engineSeconds };
    };
    const slowest = at(Math.max(1, most)).seconds;
    return {
      workload: workload.label,
      modelBytes: bytes,
      storage,
      engineSeconds,
      starts: counts.map(at),
      bottleneckFrom: bottleneckFrom(storage),
      patience,
      mostAtOnce: mostAtOnce(bytes * readsOfModel, storage, patience, engineSeconds),
      verdict:
        patience === null || slowest * EASY <= patience ? 'fits' : slowest <= patience ? 'tight' : 'killed',
      downloadSeconds: bytes / GIGABIT,
    };
  });
}

interface Load {
  readonly bytes: number;
  /** Bytes a second, where an annotation says so. */
  readonly rate: number | undefined;
  readonly patience: number | null;
}

function loadOf(containers: readonly Container[]): Load | undefined {
  for (const container of containers) {
    const load = modelLoad(container);
    if (!load || load.bytes === 0) continue;
    const rate = parseQuantity(container.workload.annotation('polypod.dev/storage-bytes-per-second'));
    return { bytes: load.bytes, rate, patience: patienceOf(container) };
  }
  return undefined;
}

/** Until a startup probe is passed, no other probe counts; without one, the liveness probe counts from the start. */
function patienceOf({ startupProbe, livenessProbe }: Container): number | null {
  return (startupProbe ?? livenessProbe)?.patienceSeconds ?? null;
}

function storageOf({ storage }: PlanFacts, rate: number | undefined): StartPlan['storage'] {
  if (storage) {
    const { perClient, aggregate = null, source = 'not said' } = storage.throughput;
    return { kind: storage.kind, perClient, aggregate, source };
  }
  return rate === undefined
    ? { kind: null, perClient: 200e6, aggregate: null, source: 'an assumption: network storage' }
    : { kind: null, perClient: rate, aggregate: null, source: 'polypod.dev/storage-bytes-per-second' };
}

function mostAtOnce(
  bytes: number,
  storage: StartPlan['storage'],
  patience: number | null,
  engineSeconds: number,
): number | null {
  if (patience === null) return null;
  const reading = patience - engineSeconds;
  if (readSeconds(bytes, storage, 1) > reading) return 0;
  return storage.aggregate === null ? null : Math.floor((reading * storage.aggregate) / bytes);
}
