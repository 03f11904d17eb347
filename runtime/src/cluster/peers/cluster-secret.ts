import { unwatchFile, watchFile } from 'node:fs';
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
  private readonly listener = () => void this.reload();
  private again: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(
    private readonly options: ClusterSecretOptions,
    private current: Uint8Array,
  ) {
    watchFile(options.file, { interval: this.interval, persistent: false }, this.listener);
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
    this.closed = true;
    clearTimeout(this.again);
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
      if (this.closed) return;
      this.options.onChange(error);
      // It may just be being written.
      clearTimeout(this.again);
      this.again = setTimeout(this.listener, this.interval).unref();
    }
  }

  private get interval(): number {
    return this.options.pollMilliseconds ?? POLL_MILLISECONDS;
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
