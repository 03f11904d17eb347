import { connectionLimit, type Model } from '../checks/model';
import type { BackingFacts, PlanFacts } from './facts';
import { type Server, serverUses } from './servers';
import { standingWorkloads } from './workloads';

/**
 * Connections for each pod that are a good start: for a database `max_connections = 20 × pods`, for a cache
 * `pool_size = 10 × pods`. The figures of seed 001, "Connection Pool Sizing".
 */
const USUAL: Readonly<Record<string, number>> = { database: 20, cache: 10 };

/** What all pods together may open to a server, beside what it grants. */
export interface ConnectionPlan {
  /** `PostgreSQL`, `Redis` …. */
  readonly product: string;
  readonly kind: string;
  readonly host: string;
  readonly clients: readonly {
    readonly workload: string;
    readonly pods: number;
    /** Of each pod. */
    readonly pool: number;
  }[];
  /** At the maximum of pods. */
  readonly needed: number;
  /** @default null: nobody says */
  readonly granted: number | null;
  /** `fits`; `tight` above nine tenths; `exceeds`; `unknown` where nobody says what is granted. */
  readonly verdict: 'fits' | 'tight' | 'exceeds' | 'unknown';
}

/** An administrator, a backup and a rollout that overlaps need some as well. */
const TIGHT = 0.9;

/** The connection budget of every database and cache that standing workloads use. */
export function connectionPlans(model: Model, facts: PlanFacts): ConnectionPlan[] {
  const found = new Map<string, { server: Server; clients: ConnectionPlan['clients'][number][] }>();
  for (const workload of standingWorkloads(model)) {
    const { possible, guaranteed } = workload.replicas;
    const pods = Number.isFinite(possible) ? possible : guaranteed;
    for (const { server, pool } of serverUses(workload)) {
      const each = pool ?? factsOf(facts, server)?.poolPerPod ?? USUAL[server.kind];
      if (each === undefined || pods === 0) continue;
      const known = found.get(server.key) ?? { server, clients: [] };
      found.set(server.key, known);
      known.clients.push({ workload: workload.label, pods, pool: each });
    }
  }
  return [...found.values()].map(({ server, clients }) => {
    const needed = clients.reduce((sum, { pods, pool }) => sum + pods * pool, 0);
    const granted =
      (server.service && connectionLimit(server.service)?.limit) ?? factsOf(facts, server)?.granted ?? null;
    return {
      product: server.product,
      kind: server.kind,
      host: server.host,
      clients,
      needed,
      granted,
      verdict: verdictOf(needed, granted),
    };
  });
}

function factsOf({ database, cache }: PlanFacts, { kind, product }: Server): BackingFacts | undefined {
  if (kind === 'cache') return cache;
  return kind === 'database' && product !== 'MongoDB' ? database : undefined;
}

export function verdictOf(needed: number, granted: number | null): ConnectionPlan['verdict'] {
  if (granted === null) return 'unknown';
  if (needed > granted) return 'exceeds';
  return needed > granted * TIGHT ? 'tight' : 'fits';
}
