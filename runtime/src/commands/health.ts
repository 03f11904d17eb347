import type { Command } from 'commander';
import { PATHS } from '../../contract.cjs';
import { configPath, loadConfig } from '../config/load-config.js';

const PATIENCE_MILLISECONDS = 4_000;

/** `polypod-runtime health`: whether the node of this container is alive, by exit status. For images' health checks. */
export function health(program: Command): void {
  program
    .command('health')
    .description('ask the node on this machine whether it is alive')
    .option('--config <file>', 'configuration file (YAML)')
    .action(async ({ config }: { config?: string }) => {
      const { ports } = await loadConfig(configPath(process.env, config), process.env);
      const url = `http://127.0.0.1:${ports.api}${PATHS.health}`;
      const alive = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (!alive) process.exitCode = 1;
    });
}
