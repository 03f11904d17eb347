/** What the page shows, as the API tells it. */
export interface ClusterState {
  readonly nodes: readonly NodeState[];
  readonly leader: string | undefined;
  readonly epoch: number;
  readonly events: readonly EventState[];
  readonly integrity: IntegrityState;
  /** Only administrators may see it. */
  readonly caches: Readonly<Record<string, CacheState>> | undefined;
  /** Who looks may take nodes out and start checks. */
  readonly mayAct: boolean;
}

export interface NodeState {
  readonly id: string;
  readonly role: string;
  readonly status: string;
  readonly zone?: string;
  readonly version: string;
  readonly startedAt: string;
  readonly load: LoadState;
  readonly models: readonly {
    readonly id: string;
    readonly state: string;
    readonly enabled: boolean;
    readonly reason?: string;
    readonly load?: LoadState;
  }[];
}

interface LoadState {
  readonly running: number;
  readonly queued: number;
  readonly sequences: number;
}

export interface EventState {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly node: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface IntegrityState {
  readonly status: 'never' | 'running' | 'whole' | 'damaged' | 'incomplete';
  readonly readBytes: number;
  readonly totalBytes: number;
  readonly nodes: readonly {
    readonly node: string;
    readonly status: string;
    readonly finishedAt?: string;
    readonly reason?: string;
  }[];
  readonly differences: readonly {
    readonly model: string;
    readonly path: string;
    readonly found: readonly { readonly sha256?: string; readonly nodes: readonly string[] }[];
  }[];
}

export interface CacheState {
  readonly type: string;
  readonly size: number;
  readonly local_size: number;
  readonly redis_size: number | null;
  readonly redis_available: boolean;
  readonly event_queue_size: number;
}

const PATIENCE_MILLISECONDS = 8_000;
const EVENTS = 30;

/** Asks for everything at once. Throws where the node that answers can't tell. */
export async function readState(): Promise<ClusterState> {
  const [nodes, leader, events, integrity, me, caches] = await Promise.all([
    get<{ data: NodeState[] }>('/api/v1/nodes'),
    get<{ leader: string | null; epoch: number }>('/api/v1/cluster/leader'),
    get<{ data: EventState[] }>(`/api/v1/cluster/events?limit=${EVENTS}`).catch(() => ({ data: [] })),
    get<IntegrityState>('/api/v1/cluster/integrity'),
    get<{ role: string }>('/auth/me'),
    get<Record<string, CacheState>>('/api/v1/cache/status').catch(() => undefined),
  ]);
  return {
    nodes: nodes.data,
    leader: leader.leader ?? undefined,
    epoch: leader.epoch,
    events: events.data,
    integrity,
    caches,
    mayAct: me.role === 'operator' || me.role === 'admin',
  };
}

/** Has an operator's wish done. Throws with what the API says against it. */
export async function act(path: string, body: unknown): Promise<void> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  });
  if (!response.ok) throw await refusal(response);
}

async function get<Value>(path: string): Promise<Value> {
  const response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

async function refusal(response: Response): Promise<Error> {
  const body = await response.json().catch(() => undefined);
  return new Error(body?.error?.message ?? `The node answered ${response.status}.`);
}
