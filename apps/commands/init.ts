import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { InvalidInputError } from '../../constructs/contracts/problem';
import { KIND_NAMES, type KindName, kindOf } from '../../stacks/topology/kinds';
import { CLOUDS, type Cloud } from '../../stacks/topology/template';

interface InitFlags {
  readonly cloud: Cloud;
  readonly kind: KindName;
  readonly output: string;
  readonly force: boolean;
}

/** Adds `polypod init`: writes a commented topology file to begin with, and never over one that is there. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('write a commented topology file to begin with')
    .addOption(
      new Option('--cloud <cloud>', 'what the topology stands on').choices(CLOUDS).makeOptionMandatory(),
    )
    .addOption(new Option('--kind <kind>', 'what the topology is').choices(KIND_NAMES).default('Inference'))
    .option('-o, --output <file>', 'file to write', 'topology.yaml')
    .option('--force', 'write over a file that is there', false)
    .action(({ cloud, kind, output, force }: InitFlags, command: Command) => {
      try {
        writeTopology(output, kindOf(kind).template(cloud), force);
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        command.error(error.message, { exitCode: 2 });
      }
      process.stdout.write(
        `${output} is written. Fill in names and hosts, then: polypod synth ${output} -o dist\n`,
      );
    });
}

function writeTopology(file: string, text: string, force: boolean): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    const [reason, mend] = writeFaults[String(code)]?.(file) ?? [
      `can't be written (${String(code)})`,
      'name another file with -o',
    ];
    throw new InvalidInputError(file, [{ path: '', value: undefined, reason, mend }]);
  }
}

const writeFaults: Readonly<Record<string, (file: string) => [reason: string, mend: string]>> = {
  EEXIST: () => ['is there already', 'name another file with -o, or write over it with --force'],
  EISDIR: (file) => ['is a folder', `name a file in it: -o ${file.replace(/\/+$/, '')}/topology.yaml`],
  ENOENT: (file) => [
    `can't be written: there is no folder ${dirname(file)}`,
    `make it first: mkdir -p ${dirname(file)}`,
  ],
  ENOTDIR: (file) => [`can't be written: ${dirname(file)} is not a folder`, 'name another file with -o'],
  EACCES: () => ['may not be written', 'name another file with -o'],
  EROFS: () => ['is on a read-only file system', 'name another file with -o'],
};
