import type { ModelReference } from '../models/model-store.js';
import { digestOf, type FileDigest, filesOf } from './model-digests.js';

/** The last check of one node, or the one that is under way. */
export interface NodeCheck {
  readonly node: string;
  readonly status: 'never' | 'running' | 'whole' | 'damaged' | 'failed';
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Bytes that have been read, and that are to be. */
  readonly readBytes: number;
  readonly totalBytes: number;
  readonly files: readonly (FileDigest & { readonly model: string })[];
  /** Why it failed. */
  readonly reason?: string;
}

export interface NodeCheckerOptions {
  readonly node: string;
  /** The model store's folder. */
  readonly store: string;
  readonly models: readonly (ModelReference & { readonly id: string })[];
  readonly onDone: (check: NodeCheck) => void;
}

/** Reads all model files of this node, whether or not they were written since, one check at a time. */
export class NodeChecker {
  private check: NodeCheck;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();

  constructor(private readonly options: NodeCheckerOptions) {
    this.check = { node: options.node, status: 'never', readBytes: 0, totalBytes: 0, files: [] };
  }

  get current(): NodeCheck {
    return this.check;
  }

  /** Does nothing while a check is under way. */
  start(): void {
    if (this.stopping.signal.aborted) return;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { node, store, models, onDone } = this.options;
    const startedAt = new Date().toISOString();
    this.check = { node, status: 'running', startedAt, readBytes: 0, totalBytes: 0, files: [] };
    try {
      const wanted = await Promise.all(
        models.map(async (model) => ({ model: model.id, files: await filesOf(store, model) })),
      );
      const totalBytes = wanted.flatMap(({ files }) => files).reduce((sum, { bytes }) => sum + bytes, 0);
      this.check = { ...this.check, totalBytes };
      let done = 0;
      for (const { model, files } of wanted) {
        for (const file of files) {
          const digest = await digestOf(store, file, {
            signal: this.stopping.signal,
            onBytes: (bytes) => {
              this.check = { ...this.check, readBytes: done + bytes };
            },
          });
          done += file.bytes;
          this.check = { ...this.check, readBytes: done, files: [...this.check.files, { model, ...digest }] };
        }
      }
      const status = this.check.files.some(isDamaged) ? 'damaged' : 'whole';
      this.check = { ...this.check, status, finishedAt: new Date().toISOString() };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.check = { ...this.check, status: 'failed', reason, finishedAt: new Date().toISOString() };
    }
    if (!this.stopping.signal.aborted) onDone(this.check);
  }
}

/** A file that is not there, or is not what it should be. */
export function isDamaged({ sha256, expected }: FileDigest): boolean {
  return sha256 === undefined || (expected !== undefined && sha256 !== expected);
}
