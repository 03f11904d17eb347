import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalCluster } from '../../local-cluster/local-cluster.js';
import type { LocalNode } from '../../local-cluster/local-node.js';
import { RUNTIME_METRICS } from '../../metrics.cjs';

/** What is broken, and mended again. */
export const FAULTS = {
  async kill(cluster: LocalCluster) {
    const node = anyOf(cluster.nodes);
    await node.process.kill('SIGKILL');
    await sleep(500);
    await node.start();
  },
  restartRedis: (cluster: LocalCluster) => cluster.restartRedis(),
  restartPostgres: (cluster: LocalCluster) => cluster.restartPostgres(),
  /** Longer than a lease and than any patience with a peer. */
  async partition(cluster: LocalCluster) {
    const node = anyOf(cluster.nodes);
    await cluster.cutOff(node);
    await sleep(6_000);
    await cluster.reconnect(node);
  },
} satisfies Record<string, (cluster: LocalCluster) => Promise<void>>;

export type Fault = keyof typeof FAULTS;

function anyOf(nodes: readonly LocalNode[]): LocalNode {
  const node = nodes[Math.floor(Math.random() * nodes.length)];
  if (!node) throw new Error('no node');
  return node;
}

const PATIENCE_MILLISECONDS = 120_000;

/**
 * Waits until every node can reach Redis again. What begins before is not durable, and its node says so; a node that
 * is killed then takes it along.
 */
export async function untilWell({ nodes }: LocalCluster): Promise<void> {
  const end = performance.now() + PATIENCE_MILLISECONDS;
  for (const node of nodes) {
    while (!(await reachesRedis(node))) {
      if (performance.now() > end) throw new Error(`${node.id} has not found Redis again`);
      await sleep(100);
    }
  }
}

async function reachesRedis({ metricsUrl }: LocalNode): Promise<boolean> {
  const text = await fetch(metricsUrl, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.text(),
    () => '',
  );
  return text.includes(`\n${RUNTIME_METRICS.journalAway.name} 0`);
}
