import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** What the Pulumi CLI said. */
export interface Answer {
  readonly status: number | null;
  readonly output: string;
}

/** Steps of a preview or an update, by what they do: `create`, `same`, `update`, `replace`, `delete`. */
export type Steps = Readonly<Record<string, number>>;

/** A stack of its own, with its state in a temporary folder. */
export class PulumiStack {
  private readonly folder = mkdtempSync(join(tmpdir(), 'polypod-pulumi-'));
  private readonly configFile = join(this.folder, 'Pulumi.test.yaml');
  private readonly stack = `test-${process.pid}`;

  constructor(
    /** Folder of the program's Pulumi.yaml. */
    private readonly program: string,
    config: Readonly<Record<string, unknown>>,
  ) {
    mkdirSync(join(this.folder, 'state'));
    this.configure(config);
    const { status, output } = this.run(['stack', 'init', this.stack, '--non-interactive']);
    if (status !== 0) throw new Error(output);
  }

  /** Takes the place of all config; what the engine wrote beside it, such as the salt, stays. */
  configure(config: Readonly<Record<string, unknown>>): void {
    const written = existsSync(this.configFile) ? parse(readFileSync(this.configFile, 'utf8')) : {};
    writeFileSync(this.configFile, stringify({ ...written, config }));
  }

  preview(): Steps {
    const { status, output } = this.run(['preview', ...this.named(), '--json', '--non-interactive']);
    const start = output.indexOf('{');
    if (status !== 0 || start < 0) throw new Error(output);
    return JSON.parse(output.slice(start)).changeSummary;
  }

  up(): Answer {
    return this.run(['up', ...this.named(), '--yes', '--skip-preview', '--non-interactive', '--color=never']);
  }

  refresh(): Answer {
    return this.run([
      'refresh',
      ...this.named(),
      '--yes',
      '--skip-preview',
      '--non-interactive',
      '--expect-no-changes',
      '--color=never',
    ]);
  }

  destroy(): Answer {
    return this.run([
      'destroy',
      ...this.named(),
      '--yes',
      '--skip-preview',
      '--non-interactive',
      '--color=never',
    ]);
  }

  /** The state, as it lies on the disk. */
  state(): string {
    return this.run(['stack', 'export', '--stack', this.stack]).output;
  }

  remove(): void {
    // Made beside the program when the stack is, and of no use.
    rmSync(join(this.program, `Pulumi.${this.stack}.yaml`), { force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }

  private named(): string[] {
    return ['--stack', this.stack, '--config-file', this.configFile];
  }

  private run(args: readonly string[]): Answer {
    const start = performance.now();
    process.stderr.write(`pulumi ${args.slice(0, args[0] === 'stack' ? 2 : 1).join(' ')} … `);
    const { status, stdout, stderr } = spawnSync('pulumi', [...args], {
      cwd: this.program,
      encoding: 'utf8',
      maxBuffer: 2 ** 27,
      env: {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${join(this.folder, 'state')}`,
        PULUMI_CONFIG_PASSPHRASE: 'of the test alone',
        PULUMI_SKIP_UPDATE_CHECK: 'true',
      },
    });
    process.stderr.write(`${Math.round((performance.now() - start) / 1000)} s\n`);
    return { status, output: `${stdout}${stderr}` };
  }
}

/** What a command complained of; empty if it went well. */
export const faultOf = ({ status, output }: Answer): string => (status === 0 ? '' : output);
