import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROCESS = fileURLToPath(new URL('./cache-process.js', import.meta.url));

/** Caches of other nodes, in processes of their own, that all read one key all the time. */
export class CacheReaders {
  static readonly KEY = 'key';

  private constructor(private readonly processes: readonly ChildProcess[]) {}

  static async start({ host, port }: { host: string; port: number }, count: number): Promise<CacheReaders> {
    const processes = Array.from({ length: count }, () => fork(PROCESS, [host, String(port)]));
    await Promise.all(processes.map((each) => once(each, 'message')));
    return new CacheReaders(processes);
  }

  /** When each of them reads this value, in milliseconds since 1970. */
  see(value: number): Promise<number[]> {
    return Promise.all(
      this.processes.map(async (each) => {
        for (;;) {
          const [message] = await once(each, 'message');
          if (message.value === value) return message.at;
        }
      }),
    );
  }

  stop(): void {
    for (const each of this.processes) each.kill('SIGKILL');
  }
}
