import type { Command } from 'commander';
import { Option } from 'commander';
import { ROLES } from '../../contract.cjs';
import { LiveConfig } from '../config/live-config.js';
import { ConfigError, configPath, loadConfig } from '../config/load-config.js';
import { nodeIdOf } from '../config/node-id.js';
import type { EmbeddedPostgres } from '../database/embedded-postgres.js';
import { EngineError } from '../engine/engine-error.js';
import { type RuntimeNode, startNode } from '../node.js';
import { createLogger, defaultLogFormat } from '../operations/logger.js';
import { CannotStart, portProblem } from './cannot-start.js';
import { startOwnDatabase, withDatabase } from './own-database.js';

/** Exit status for a configuration that can't be used. */
const BAD_CONFIG = 2;

interface Flags {
  readonly config?: string;
  readonly role?: string;
}

/** `polypod-runtime serve`, the default command: runs a node until SIGTERM or Ctrl-C. */
export function serve(program: Command): void {
  program
    .command('serve', { isDefault: true })
    .description('run a node')
    .option('--config <file>', 'configuration file (YAML)')
    .addOption(new Option('--role <role>', 'what the node does').choices(ROLES))
    .action(run);
}

async function run({ config: named, ...flags }: Flags): Promise<void> {
  const file = configPath(process.env, named);
  const load = () => loadConfig(file, process.env, flags);
  const config = await load().catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(BAD_CONFIG);
  });

  const format = config.logFormat ?? defaultLogFormat(process.env);
  const logger = createLogger({ level: config.logLevel, node: nodeIdOf(config), format });

  const stopping = new AbortController();
  let interrupted = false;
  process.once('SIGTERM', () => stopping.abort());
  process.once('SIGINT', () => {
    interrupted = true;
    stopping.abort();
  });
  let database: EmbeddedPostgres | undefined;
  let unwatch = () => {};
  try {
    database = await startOwnDatabase(config, logger);
    const live = new LiveConfig(withDatabase(config, database));
    live.onChange(({ logLevel }) => {
      logger.level = logLevel;
    });
    unwatch = live.watch(file.path, async () => withDatabase(await load(), database), {
      reloaded: (needRestart) => logger.info({ needRestart }, 'configuration reloaded'),
      refused: (error) => logger.error({ err: error }, 'configuration not reloaded'),
    });
    stopping.signal.throwIfAborted();
    const node = await startNode(live, logger, stopping.signal);
    if (format === 'text') welcome(node, config.models[0]?.id ?? '', database);
    else {
      const models = config.models.map(({ id }) => id);
      logger.info({ chat: `${node.url}/`, api: `${node.url}/v1`, metrics: node.metricsUrl, models }, 'ready');
    }
    if (!stopping.signal.aborted) {
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
    }
    // Who presses Ctrl-C wants it to end now.
    if (!interrupted) await node.drain();
    await node.stop();
  } catch (error) {
    if (stopping.signal.aborted) return;
    const known = error instanceof EngineError || error instanceof CannotStart;
    const message = known ? error.message : portProblem(error);
    if (message === undefined) throw error;
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  } finally {
    unwatch();
    await database?.stop();
  }
}

/** What a person wants to know. */
function welcome(node: RuntimeNode, model: string, database: EmbeddedPostgres | undefined): void {
  process.stdout.write(`
  Chat     ${node.url}/
  API      ${node.url}/v1   (model "${model}")
  Metrics  ${node.metricsUrl}
${database ? `  Data     ${database.directory}\n` : ''}
  Ctrl-C stops it.

`);
}
