import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { pino } from 'pino';
import { type RegisteredNode, Registry } from '../cluster/registry.js';
import { ConfigError, configPath, loadConfig } from '../config/load-config.js';
import { AuditLog } from '../identity/audit.js';
import { withDatabase } from './command-database.js';
import { EXIT } from './exit-status.js';

interface Flags {
  readonly config?: string;
  readonly json?: boolean;
  readonly node?: string;
}

/**
 * `polypod-runtime instances …`: which models are on which nodes, and what operators set of them. It works on the
 * database, so that it answers whichever nodes do; running nodes follow with their next heartbeat.
 */
export function instances(program: Command): void {
  const parent = program.command('instances').description('models on the nodes of the cluster');
  const add = (usage: string, description: string) =>
    parent.command(usage).description(description).option('--config <file>', 'configuration file (YAML)');
  add('list', 'list every model on every node')
    .option('--json', 'print the result as JSON')
    .action((flags: Flags) => run(flags, ({ registry }) => list(registry, flags)));
  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    add(`${verb} <model>`, enabled ? 'give a model work again' : 'give a model no new work')
      .option('--node <node>', 'on this node alone')
      .action((model: string, flags: Flags) =>
        run(flags, (stores) => set(stores, model, flags.node, { enabled })),
      );
  }
  add('weight <model> <weight>', 'set how much work a model gets beside others: 1 is usual, 0 none')
    .option('--node <node>', 'on this node alone')
    .action((model: string, text: string, flags: Flags) =>
      run(flags, (stores) => set(stores, model, flags.node, { weight: weightOf(text) })),
    );
  add('release <model>', 'try a quarantined model again at once')
    .option('--node <node>', 'on this node alone')
    .action((model: string, flags: Flags) =>
      run(flags, (stores) => set(stores, model, flags.node, { release: true })),
    );
}

interface Stores {
  readonly registry: Registry;
  readonly audit: AuditLog;
}

async function run(flags: Flags, work: (stores: Stores) => Promise<string>): Promise<void> {
  try {
    const config = await loadConfig(configPath(process.env, flags.config), process.env);
    const text = await withDatabase(config, (database) => {
      const logger = pino(process.stderr);
      const audit = new AuditLog({ ...{ database, logger }, nodeId: undefined, metrics: undefined });
      return work({ registry: new Registry(database), audit });
    });
    process.stdout.write(`${text}\n`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof ConfigError ? EXIT.badConfig : EXIT.failed;
  }
}

async function list(registry: Registry, { json }: Flags): Promise<string> {
  const { nodes } = await registry.read();
  const rows = nodes.flatMap(rowsOf);
  if (json) return JSON.stringify(rows, undefined, 2);
  if (rows.length === 0) return 'No node serves a model.';
  return table(
    ['NODE', 'STATUS', 'SEEN', 'MODEL', 'STATE', 'ENABLED', 'WEIGHT', 'RUNNING', 'REASON'],
    rows.map((row) => [
      row.node,
      row.status,
      `${Math.round(row.silentSeconds)}s`,
      row.model,
      row.state,
      row.enabled ? 'yes' : 'no',
      String(row.weight),
      String(row.running),
      row.reason ?? '',
    ]),
  );
}

function rowsOf({ beat, status, silentSeconds }: RegisteredNode) {
  return beat.models.map(({ id, state, enabled, weight, reason }) => ({
    node: beat.id,
    status,
    silentSeconds,
    model: id,
    state,
    enabled,
    weight,
    running: beat.load.models[id]?.running ?? 0,
    ...(reason !== undefined && { reason }),
  }));
}

async function set(
  { registry, audit }: Stores,
  model: string,
  node: string | undefined,
  change: { enabled?: boolean; weight?: number; release?: boolean },
): Promise<string> {
  const count = await registry.setInstance(model, node, change);
  if (count === 0) {
    throw new Error(
      `There is no ${model} on ${node ?? 'any node'}: \`polypod-runtime instances list\` shows what there is.`,
    );
  }
  const { username } = userInfo();
  const target = node === undefined ? model : `${model} on ${node}`;
  await audit.record({ actor: { id: 'command', name: username }, act: 'instance.set', target });
  return `${model}: set on ${count} node${count === 1 ? '' : 's'}`;
}

function weightOf(text: string): number {
  const weight = Number(text);
  if (text.trim() !== '' && weight >= 0 && weight <= 1000) return weight;
  throw new Error(`The weight ${text} can't be: give a number from 0 to 1000.`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
