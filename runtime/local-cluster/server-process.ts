import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';

const LOG_LINES = 15;

/** A server in a process of its own, whose output goes to a file. It can be killed, and started again. */
export class ServerProcess {
  private child: ChildProcess | undefined;

  constructor(
    private readonly options: {
      readonly name: string;
      readonly command: string;
      readonly args: readonly string[];
      readonly logFile: string;
    },
  ) {}

  get name(): string {
    return this.options.name;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves once `isReady` does; throws with the end of the log when the process ends before. */
  async start(isReady: () => Promise<boolean>): Promise<void> {
    const { name, command, args, logFile } = this.options;
    const log = await open(logFile, 'a');
    // Of a process group of its own: Ctrl-C is for who started the cluster, and stops it in order.
    const child = spawn(command, args, { stdio: ['ignore', log.fd, log.fd], detached: true });
    await once(child, 'spawn').finally(() => log.close());
    this.child = child;
    while (!(await isReady())) {
      if (!this.isRunning) throw new Error(`${name} has ended:\n${await this.endOfLog()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Sends a signal and waits until the process is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || !this.isRunning) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  private async endOfLog(): Promise<string> {
    const log = await readFile(this.options.logFile, 'utf8').catch(() => '');
    return log.trim().split('\n').slice(-LOG_LINES).join('\n');
  }
}
