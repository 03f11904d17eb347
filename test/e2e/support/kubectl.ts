import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What `kubectl` said. */
export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An object of the cluster, as far as the tests look into it. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Runs kubectl to its end, whatever it says. */
export function tryKubectl(args: readonly string[], input = ''): Answer {
  const { status, stdout, stderr, error } = spawnSync('kubectl', args, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  return { status, stdout: stdout ?? '', stderr: error ? error.message : stderr };
}

/** Runs kubectl and returns what it printed; throws what it complained of. */
export function kubectl(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = tryKubectl(args, input);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

export function get<T>(args: readonly string[]): T {
  return JSON.parse(kubectl(['get', ...args, '-o', 'json']));
}

export function list<T = ClusterObject>(args: readonly string[]): readonly T[] {
  return get<{ items: T[] }>(args).items;
}

/**
 * Waits until `condition` holds; what it throws counts as "not yet".
 *
 * @throws with the last reason when `seconds` are over
 */
export async function until(
  what: string,
  seconds: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let reason = '';
  while (Date.now() < deadline) {
    try {
      if (await condition()) return;
      reason = '';
    } catch (error) {
      reason = `: ${error instanceof Error ? error.message : error}`;
    }
    await sleep(300);
  }
  throw new Error(`not ${what} within ${seconds} s${reason}`);
}
