import type { Problem } from '../../../constructs/contracts/problem';
import type { SystemSettings } from '../settings';
import { problem, REPLICAS, type SystemCheck, workloadPath } from './check';

/** Workloads whose pods open connections to a server. */
const clientsOf = ({ workloads }: SystemSettings, server: 'database' | 'cache') =>
  workloads.filter(({ usesDatabase = true }) => usesDatabase || server === 'cache');

/**
 * What is wrong with a server that grants so many connections. Also for foundations, which know the limit of the
 * machine that they are about to make.
 */
export function connectionBudget(
  settings: SystemSettings,
  server: 'database' | 'cache',
  granted: number,
  path = `backing.${server}.maxConnections`,
): Problem | undefined {
  const clients = clientsOf(settings, server);
  const pool = settings.connections[server];
  const needed = pool * clients.reduce((sum, { replicas }) => sum + replicas.max, 0);
  if (needed <= granted) return undefined;
  const counts = clients.map(({ role, replicas }) =>
    role === 'all' ? `${replicas.max}` : `${replicas.max} ${role}`,
  );
  const largest = clients.toSorted((one, other) => other.replicas.max - one.replicas.max)[0];
  const others = needed / pool - (largest?.replicas.max ?? 0);
  const fitting = Math.floor(granted / pool) - others;
  const smaller = Math.floor((granted * pool) / needed);
  const mends = [
    `let the server grant ${needed}`,
    ...(largest && fitting >= largest.replicas.min
      ? [`lower ${workloadPath(largest.role, 'replicas.max')} to ${fitting}`]
      : []),
    ...(smaller >= 1 ? [`lower connections.${server} to ${smaller}`] : []),
  ];
  const reason = `is less than ${needed}, which ${counts.join(' + ')} pods × ${pool} connections come to at the most`;
  return problem(path, granted, reason, mends.join(', or '));
}

/** The most pods × the connections of each, against what the server grants. */
export const connectionBudgets: SystemCheck = {
  reads: ['connections', 'backing', 'sizing', ...REPLICAS],
  *check(settings) {
    const { database, cache } = settings.backing;
    const found = [
      typeof database === 'object'
        ? connectionBudget(settings, 'database', database.maxConnections)
        : undefined,
      typeof cache === 'object' && cache.maxConnections !== undefined
        ? connectionBudget(settings, 'cache', cache.maxConnections)
        : undefined,
      connectionBudget(
        settings,
        'database',
        settings.sizing.database.maxConnections,
        'sizing.database.maxConnections',
      ),
    ];
    for (const one of found) if (one !== undefined) yield one;
  },
};
