import { isIPv6 } from 'node:net';
import type { Command } from 'commander';
import { PATHS } from '../../contract.cjs';
import { configPath, loadConfig } from '../config/load-config.js';

/** Addresses that stand for all of the machine's. */
const WILDCARDS = new Set(['0.0.0.0', '::']);
const PATIENCE_MILLISECONDS = 4_000;

/** `polypod-runtime health`: whether the node of this container is alive, by exit status. For images' health checks. */
export function health(program: Command): void {
  program
    .command('health')
    .description('ask the node on this machine whether it is alive')
    .option('--config <file>', 'configuration file (YAML)')
    .action(async ({ config }: { config?: string }) => {
      const { host, ports } = await loadConfig(configPath(process.env, config), process.env);
      const address = isIPv6(host) ? `[${host}]` : host;
      const url = `http://${WILDCARDS.has(host) ? '127.0.0.1' : address}:${ports.api}${PATHS.health}`;
      const alive = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (!alive) process.exitCode = 1;
    });
}
