import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const POLYPOD = join(__dirname, '../../lib/apps/polypod.js');

/** Runs the built `polypod` command to its end. */
export function polypod(
  args: readonly string[],
  {
    command = POLYPOD,
    ...options
  }: {
    readonly cwd?: string;
    readonly input?: string;
    readonly env?: NodeJS.ProcessEnv;
    /** Its file. @default that of this checkout */
    readonly command?: string | undefined;
  } = {},
) {
  if (!existsSync(command)) throw new Error(`${command} is missing: npm run build`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    encoding: 'utf8',
    ...options,
  });
  return { status, stdout, stderr };
}
