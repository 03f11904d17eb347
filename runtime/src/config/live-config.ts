import { type Stats, unwatchFile, watchFile } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { type Config, RELOADED } from './config.js';

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
    const reloaded: readonly string[] = RELOADED;
    const changed = Object.keys(next).filter(
      (key) => !isDeepStrictEqual(Reflect.get(next, key), Reflect.get(this.current, key)),
    );
    if (changed.some((key) => reloaded.includes(key))) {
      const safe = Object.fromEntries(RELOADED.map((key) => [key, next[key]]));
      this.current = { ...this.current, ...safe };
      for (const listener of this.listeners) listener(this.current);
    }
    return changed.filter((key) => !reloaded.includes(key));
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

export interface LiveConfigReport {
  reloaded(needRestart: readonly string[]): void;
  refused(error: unknown): void;
}
