/** `npm run cluster`: nodes behind a balancer on this machine, to look at and to break. */
import { Command, InvalidArgumentError } from 'commander';
import { LocalCluster } from './local-cluster.js';
import type { LocalNode } from './local-node.js';
import { missingPrograms } from './programs.js';

const PORT = 8080;
const LEADER_MILLISECONDS = 10_000;

const program = new Command('npm run cluster --')
  .description('Start nodes behind nginx, with Redis and PostgreSQL, until Ctrl-C.')
  .option('-n, --nodes <count>', 'how many', count(1, 9), 3)
  .option('-p, --port <port>', 'where the balancer listens, if nobody else does', count(1, 65_535), PORT)
  .parse();
const { nodes, port } = program.opts<{ nodes: number; port: number }>();

const missing = missingPrograms({ nginx: 'nginx', 'redis-server': 'redis-server' });
if (missing.length > 0) {
  process.stderr.write(`This needs what is not on PATH: sudo apt-get install ${missing.join(' ')}\n`);
  process.exit(1);
}

let cluster: LocalCluster | undefined;
let isStopping = false;
const begun = LocalCluster.start({
  nodes,
  port,
  config: { logLevel: 'info' },
  onStarted: (part, where, seconds) => say(`  ${part.padEnd(12)}${where.padEnd(26)}${seconds.toFixed(1)} s`),
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());
say(`Starting ${nodes} nodes.\n`);
try {
  cluster = await begun;
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
if (!isStopping) {
  await welcome(cluster);
  listen(cluster);
}

async function welcome(running: LocalCluster): Promise<void> {
  const leader = await leaderOf(running);
  const rows = running.nodes.map(({ id, url, metricsUrl }) => {
    const leads = id === leader ? 'leads' : '';
    return `  ${id.padEnd(10)}${url.padEnd(26)}${metricsUrl.padEnd(34)}${leads}`.trimEnd();
  });
  say(`
  Chat      ${running.url}/
  Cluster   ${running.url}/cluster
  API       ${running.url}/v1
  Log in    ${running.url}/auth/login  as ${running.admin.name} with ${running.admin.password}, to change anything

${rows.join('\n')}

  nginx     ${running.statusUrl}
  Files     ${running.directory}
`);
  const keys = nodes > 1 ? ' r restarts all in turn, 1 to 9 kill a node or start it again.' : '';
  say(process.stdin.isTTY ? ` ${keys} Ctrl-C stops everything.` : '  Ctrl-C stops everything.');
}

/** A key is one deed at a time: two at once would have nodes restart under a restart. */
function listen(running: LocalCluster): void {
  if (!process.stdin.isTTY) return;
  let busy = false;
  process.stdin.setRawMode(true);
  process.stdin.setEncoding('utf8').on('data', async (key: string) => {
    if (key === '\u0003' || key === 'q') return stop();
    if (busy || isStopping) return;
    busy = true;
    try {
      if (key === 'r') await restartAll(running);
      const node = running.nodes[Number(key) - 1];
      if (node) await toggle(node);
    } catch (error) {
      if (!isStopping) say(`  ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      busy = false;
    }
  });
}

async function restartAll(running: LocalCluster): Promise<void> {
  await running.rollingRestart(({ id }) => say(`  ${id} is restarted`));
  say('  All nodes are up again.');
}

async function toggle(node: LocalNode): Promise<void> {
  if (node.process.isRunning) {
    await node.process.kill('SIGKILL');
    say(`  ${node.id} is dead`);
  } else {
    await node.start();
    say(`  ${node.id} is up again`);
  }
}

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  say('\nStopping.');
  const running = cluster ?? (await begun.catch(() => undefined));
  await running?.stop();
  process.exit();
}

/** Its id; `undefined` where none was elected in time. */
async function leaderOf(running: LocalCluster): Promise<string | undefined> {
  const end = performance.now() + LEADER_MILLISECONDS;
  const [first] = running.nodes;
  while (first && performance.now() < end) {
    const answer = await fetch(`${first.url}/api/v1/cluster/leader`);
    const body: unknown = answer.ok ? await answer.json() : undefined;
    if (typeof body === 'object' && body !== null && 'leader' in body && typeof body.leader === 'string') {
      return body.leader;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return undefined;
}

function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
