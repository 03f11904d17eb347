import { type Stats, unwatchFile, watchFile } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.js';
import { isRecord, set } from './environment.js';
import { isReloaded, RELOADED } from './reloaded.js';

/** ConfigMaps are replaced by symbolic link, which only polling sees everywhere. */
const POLL_MILLISECONDS = 5_000;

/** A node's configuration, whose safe fields follow the file. */
export class LiveConfig {
  private readonly listeners: ((config: Config) => void)[] = [];

  constructor(public current: Config) {}

  onChange(listener: (config: Config) => void): void {
    this.listeners.push(listener);
  }

  /** Takes over the safe fields; returns the other fields that differ, which a restart would change. */
  update(next: Config): string[] {
    const changed = changedFields(this.current, next);
    if (changed.some(isReloaded)) {
      // The node holds on to the sections that it has read, so they stay as they are.
      const current = structuredClone(this.current);
      for (const field of RELOADED) {
        const path = field.split('.');
        set(current, path, valueAt(next, path));
      }
      this.current = current;
      for (const listener of this.listeners) listener(this.current);
    }
    return changed.filter((path) => !isReloaded(path));
  }

  /** Reads the configuration again whenever the file changes. Returns how to stop that. */
  watch(path: string, load: () => Promise<Config>, report: LiveConfigReport): () => void {
    const listener = (now: Stats, before: Stats) => {
      // A file that is not there is reported once, as no change.
      if (now.mtimeMs === before.mtimeMs) return;
      load().then(
        (next) => report.reloaded(this.update(next)),
        (error: unknown) => report.refused(error),
      );
    };
    watchFile(path, { interval: POLL_MILLISECONDS, persistent: false }, listener);
    return () => unwatchFile(path, listener);
  }
}

/** Paths of the fields that differ; lists count as one field. */
function changedFields(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [path.join('.')];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changedFields(before[key], after[key], [...path, key]));
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((section, key) => (isRecord(section) ? section[key] : undefined), value);
}

export interface LiveConfigReport {
  reloaded(needRestart: readonly string[]): void;
  refused(error: unknown): void;
}
