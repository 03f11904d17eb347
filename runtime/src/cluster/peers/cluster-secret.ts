import { type Stats, unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Secrets in Kubernetes are replaced by symbolic link, which only polling sees everywhere. */
const POLL_MILLISECONDS = 5_000;

export interface ClusterSecretOptions {
  readonly file: string;
  /** For so long after a change the secret before it is accepted too. */
  readonly overlapSeconds: () => number;
  /** @default every 5 s */
  readonly pollMilliseconds?: number;
  /** `error`: why a new secret is not used. */
  readonly onChange: (error?: unknown) => void;
}

/**
 * What all nodes share, read again when its file changes. Files change at different times on different nodes, so for
 * the first half of the overlap the old secret goes on signing, which those that have the new one still accept.
 */
export class ClusterSecret {
  private previous: { readonly secret: Uint8Array; readonly changed: number } | undefined;
  private readonly listener: (now: Stats, before: Stats) => void;

  private constructor(
    private readonly options: ClusterSecretOptions,
    private current: Uint8Array,
  ) {
    this.listener = (now, before) => {
      if (now.mtimeMs !== before.mtimeMs) void this.reload();
    };
    const { file, pollMilliseconds: interval = POLL_MILLISECONDS } = options;
    watchFile(file, { interval, persistent: false }, this.listener);
  }

  /** Throws if the file can't be read, or is empty. */
  static async open(options: ClusterSecretOptions): Promise<ClusterSecret> {
    return new ClusterSecret(options, await read(options.file));
  }

  get signing(): Uint8Array {
    const { previous } = this;
    return previous && this.secondsSince(previous.changed) < this.options.overlapSeconds() / 2
      ? previous.secret
      : this.current;
  }

  get accepted(): readonly Uint8Array[] {
    const { previous } = this;
    return previous && this.secondsSince(previous.changed) < this.options.overlapSeconds()
      ? [this.current, previous.secret]
      : [this.current];
  }

  close(): void {
    unwatchFile(this.options.file, this.listener);
  }

  private async reload(): Promise<void> {
    try {
      const next = await read(this.options.file);
      if (Buffer.compare(next, this.current) === 0) return;
      this.previous = { secret: this.current, changed: performance.now() };
      this.current = next;
      this.options.onChange();
    } catch (error) {
      this.options.onChange(error);
    }
  }

  private secondsSince(time: number): number {
    return (performance.now() - time) / 1000;
  }
}

async function read(file: string): Promise<Uint8Array> {
  const text = (await readFile(file, 'utf8')).trim();
  if (text === '')
    throw new Error(`The cluster secret in ${file} is empty: write a random one, the same for all nodes.`);
  return new TextEncoder().encode(text);
}
