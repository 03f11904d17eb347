import type { CacheMemoryPlan } from './cache-memory';
import type { ConnectionPlan } from './connections';
import type { LossPlan } from './losses';
import type { StartPlan } from './start';

/** Something in a plan that a person should look at before it is applied. */
export interface Attention {
  /** `refused`: it can't work. `warned`: it works until something is lost or busy. */
  readonly severity: 'refused' | 'warned';
  readonly text: string;
}

interface Judged {
  readonly connections: readonly ConnectionPlan[];
  readonly cacheMemory: CacheMemoryPlan | null;
  readonly starts: readonly StartPlan[];
  readonly losses: readonly LossPlan[];
}

const whole = (number: number) => Math.ceil(number).toLocaleString('en');

export function attentionOf({ connections, cacheMemory, starts, losses }: Judged): Attention[] {
  const found: Attention[] = [];
  const say = (severity: Attention['severity'], text: string) => found.push({ severity, text });
  for (const { product, host, needed, granted, verdict } of connections) {
    const said = `pods open up to ${whole(needed)} connections to ${product} ${host}, which grants ${whole(granted ?? 0)}`;
    if (verdict === 'exceeds') say('refused', `${said}: lower replicas or pools, or let it grant more`);
    if (verdict === 'tight') say('warned', `${said}: an update that overlaps may be refused some`);
  }
  if (cacheMemory?.verdict === 'exceeds') {
    const { needed, memory, holds, sessions } = cacheMemory;
    say(
      'refused',
      `the cache needs ${whole((needed ?? 0) / 1e6)} MB for ${whole(sessions ?? 0)} sessions and has ${whole((memory ?? 0) / 1e6)} MB: it holds ${whole(holds ?? 0)}`,
    );
  }
  for (const { workload, starts: times, patience, verdict, mostAtOnce } of starts) {
    const slowest = times.at(-1);
    const said = `${slowest?.pods ?? 1} pods of ${workload} that start at once take ${whole(slowest?.seconds ?? 0)} s, and a probe kills them after ${whole(patience ?? 0)} s`;
    if (verdict === 'killed') {
      const most = mostAtOnce === null ? '' : `; at most ${mostAtOnce} can`;
      say('refused', `${said}${most}: let the startup probe wait longer, or take faster storage`);
    }
    if (verdict === 'tight') say('warned', `${said}: slower storage than stated makes it too late`);
  }
  for (const { lost, subject, pods, promise, text } of losses) {
    const isAll = (lost === 'node' || lost === 'zone') && pods !== null && pods > 1 && promise === 'none';
    if (isAll) say('warned', `the loss of a ${lost} may take all of ${subject}: ${text}`);
  }
  return found;
}
