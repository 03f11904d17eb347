import type { Command } from 'commander';
import { Option } from 'commander';
import { ROLES } from '../../contract.cjs';
import { LiveConfig } from '../config/live-config.js';
import { ConfigError, configPath, loadConfig } from '../config/load-config.js';
import { nodeIdOf } from '../config/node-id.js';
import { EngineError } from '../engine/engine-error.js';
import { type RuntimeNode, startNode } from '../node.js';
import { createLogger } from '../operations/logger.js';

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

  const live = new LiveConfig(config);
  const logger = createLogger(config.logLevel, nodeIdOf(config));
  live.onChange(({ logLevel }) => {
    logger.level = logLevel;
  });
  const unwatch = live.watch(file.path, load, {
    reloaded: (needRestart) => logger.info({ needRestart }, 'configuration reloaded'),
    refused: (error) => logger.error({ err: error }, 'configuration not reloaded'),
  });

  const stopping = new AbortController();
  let interrupted = false;
  process.once('SIGTERM', () => stopping.abort());
  process.once('SIGINT', () => {
    interrupted = true;
    stopping.abort();
  });
  try {
    const node = await startNode(live, logger, stopping.signal);
    const models = config.models.map(({ id }) => id);
    logger.info({ chat: `${node.url}/`, api: `${node.url}/v1`, metrics: node.metricsUrl, models }, 'ready');
    if (process.stdout.isTTY) welcome(node, config.models[0]?.id ?? '');
    if (!stopping.signal.aborted) {
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
    }
    // Who presses Ctrl-C wants it to end now.
    if (!interrupted) await node.drain();
    await node.stop();
  } catch (error) {
    if (stopping.signal.aborted) return;
    if (!(error instanceof EngineError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  } finally {
    unwatch();
  }
}

/** What a person at a terminal wants to know. */
function welcome(node: RuntimeNode, model: string): void {
  process.stdout.write(`
  Chat     ${node.url}/
  API      ${node.url}/v1   (model "${model}")
  Metrics  ${node.metricsUrl}

  Ctrl-C stops it.
`);
}
