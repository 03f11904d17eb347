import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { addCheckCommand } from './commands/check';
import { addGraphCommand } from './commands/graph';
import { addInitCommand } from './commands/init';
import { addPlanCommand } from './commands/plan';
import { addSecretsCommand } from './commands/secrets';
import { addSynthCommand } from './commands/synth';

/** Bundled, this file lies in lib/apps: package.json is two folders up. */
const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));

const WRONG_USE = 2;

const program = new Command('polypod')
  .description('Infrastructure as code for LLM systems that run as more than one pod')
  .version(version)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USE));
addCheckCommand(program);
addInitCommand(program);
addSynthCommand(program);
addPlanCommand(program);
addGraphCommand(program, () => {
  // A file of its own beside the bundle: 1.6 MB that no other command shall load.
  const { newLayout }: typeof import('./layout-library') = require('./layout-library');
  return newLayout();
});
addSecretsCommand(program);

for (const stream of [process.stdout, process.stderr]) stream.on('error', cannotWrite);

function cannotWrite({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return; // a reader that has seen enough (`| head`)
  process.exitCode = WRONG_USE;
  process.stderr.write(`The output can't be written: ${message}\n`, () => process.exit());
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = WRONG_USE;
});
