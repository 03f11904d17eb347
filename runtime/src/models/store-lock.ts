import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootId, hasCode, ifThere } from './files.js';

/** How often things happen, in milliseconds. */
export interface LockTimes {
  /** Between two signs of life of the holder. */
  readonly beat: number;
  /** Without a sign of life for so long, a holder counts as dead. */
  readonly stale: number;
  /** Between two looks of those who wait. */
  readonly poll: number;
}

export const LOCK_TIMES: LockTimes = { beat: 5_000, stale: 30_000, poll: 1_000 };

/** What a lock's file says. */
interface Holder {
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  /** Where processes see each other's ids; empty where nobody knows. */
  readonly processes: string;
  readonly beat: number;
  readonly released: boolean;
  /** What the holder has got done, for those who wait. */
  readonly note: unknown;
}

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Asked before each attempt: whether the lock is not needed any more. */
  readonly isDone: () => Promise<boolean>;
  /** Told while another holds the lock: what that one noted. */
  readonly onWait?: (holder: { readonly host: string; readonly note: unknown }) => void;
  readonly times?: LockTimes;
}

/** Room for a holder's text, so that a beat overwrites it in one write and never leaves a rest. */
const RECORD_BYTES = 1024;

/**
 * A lock between the processes of many machines on a shared folder, in which only the exclusive creation of a file is
 * taken to be atomic, as on NFS. Each holder has a file with a number of its own: whoever finds the highest number
 * released, or without a sign of life, creates the next; only one can. The holder before, should it wake up, sees the
 * higher number and knows that it has lost. Whether a holder is alive is told from changes that the observer sees, so
 * that no clocks are compared.
 */
export class StoreLock {
  /** Aborts when another has taken over, since this process gave no sign of life for too long. */
  readonly lost: AbortSignal;
  /** What those who wait are told with the next beat. */
  note: unknown;

  private readonly losing = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private beats = 0;
  private lastBeat = performance.now();
  private beating: Promise<void> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly number: number,
    private readonly owner: Owner,
    private readonly times: LockTimes,
  ) {
    this.lost = this.losing.signal;
    this.timer = setInterval(() => {
      this.beating = this.beat();
    }, times.beat);
  }

  /** The lock, once this process holds it; `undefined` once it is not needed any more. */
  static async acquire(folder: string, options: WaitOptions): Promise<StoreLock | undefined> {
    const times = options.times ?? LOCK_TIMES;
    const owner = await thisProcess();
    let seen = { text: '', since: performance.now() };
    while (!(await options.isDone())) {
      options.signal.throwIfAborted();
      await mkdir(folder, { recursive: true });
      const highest = await highestNumber(folder);
      if (highest > 0) {
        const text = await ifThere(readFile(fileOf(folder, highest), 'utf8'));
        if (text === undefined) continue;
        if (`${highest} ${text}` !== seen.text)
          seen = { text: `${highest} ${text}`, since: performance.now() };
        const holder = parseHolder(text);
        const stale = performance.now() - seen.since > times.stale;
        if (!holder?.released && !stale && !(holder && diedHere(holder, owner))) {
          if (holder) options.onWait?.(holder);
          await sleep(times.poll * (0.75 + Math.random() / 2), undefined, { signal: options.signal });
          continue;
        }
      }
      if (!(await create(folder, highest + 1, owner))) continue;
      // A listing may have been old: whoever has the highest number holds the lock.
      if ((await highestNumber(folder)) !== highest + 1) {
        await rm(fileOf(folder, highest + 1), { force: true });
        continue;
      }
      await removeBelow(folder, highest + 1);
      return new StoreLock(folder, highest + 1, owner, times);
    }
    return undefined;
  }

  /** Throws if another may hold the lock by now. To be asked before anything is published. */
  async check(): Promise<void> {
    await this.beat();
    this.lost.throwIfAborted();
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    if (!this.lost.aborted) await this.write(true).catch(() => undefined);
  }

  private async beat(): Promise<void> {
    if (this.lost.aborted) return;
    try {
      const silent = performance.now() - this.lastBeat;
      if (silent > this.times.stale) this.lose(`no sign of life for ${Math.round(silent / 1000)} s`);
      else if ((await highestNumber(this.folder)) > this.number) this.lose('another process has taken over');
      else {
        await this.write(false);
        this.lastBeat = performance.now();
      }
    } catch (error) {
      // The file is removed by whoever takes over. Anything else may pass, until the time is up.
      if (hasCode(error, 'ENOENT', 'ESTALE')) this.lose('another process has taken over');
    }
  }

  private lose(reason: string): void {
    this.losing.abort(new Error(`The lock on ${this.folder} is lost: ${reason}.`));
  }

  private async write(released: boolean): Promise<void> {
    const file = await open(fileOf(this.folder, this.number), 'r+');
    try {
      const beat = ++this.beats;
      await file.write(
        record({ ...this.owner, beat, released, note: this.note ?? null }),
        0,
        RECORD_BYTES,
        0,
      );
    } finally {
      await file.close();
    }
  }
}

type Owner = Pick<Holder, 'owner' | 'host' | 'pid' | 'processes'>;

async function thisProcess(): Promise<Owner> {
  const [boot, namespace] = await Promise.all([bootId(), readlink('/proc/self/ns/pid').catch(() => '')]);
  const processes = boot && namespace ? `${boot} ${namespace}` : '';
  return { owner: randomUUID(), host: hostname(), pid: process.pid, processes };
}

/** Whether the holder was a process that could be seen from here, and can't be seen any more. */
function diedHere(holder: Holder, here: Owner): boolean {
  if (holder.processes === '' || holder.processes !== here.processes) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

function fileOf(folder: string, number: number): string {
  return join(folder, `lock.${number}`);
}

async function highestNumber(folder: string): Promise<number> {
  const names = (await ifThere(readdir(folder))) ?? [];
  return Math.max(0, ...numbersOf(names));
}

function numbersOf(names: readonly string[]): number[] {
  return names.flatMap((name) => {
    const match = /^lock\.(\d+)$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

async function create(folder: string, number: number, owner: Owner): Promise<boolean> {
  try {
    const file = await open(fileOf(folder, number), 'wx');
    try {
      await file.write(record({ ...owner, beat: 0, released: false, note: null }));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function removeBelow(folder: string, number: number): Promise<void> {
  const names = (await ifThere(readdir(folder))) ?? [];
  const old = numbersOf(names).filter((each) => each < number);
  await Promise.all(old.map((each) => rm(fileOf(folder, each), { force: true })));
}

function record(holder: Holder): Buffer {
  return Buffer.from(JSON.stringify(holder).padEnd(RECORD_BYTES));
}

/** What a lock's file says; `undefined` while it is being written. */
function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'processes' in value &&
    typeof value.processes === 'string' &&
    'host' in value &&
    'released' in value &&
    typeof value.released === 'boolean'
  );
}
