import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EngineError } from '../engine/engine-error.js';
import { writeDemoModel } from './gguf/demo-model.js';
import type { FetchOptions, ModelStore } from './model-store.js';

/** Files that are on this machine, and the demonstration model, which is written on the spot. */
export class LocalModelStore implements ModelStore {
  constructor(private readonly directory: string) {}

  async fetch(source: string, _options: FetchOptions): Promise<string> {
    if (source === 'demo:') return this.demo();
    if (source.startsWith('file:')) return resolve(source.slice('file:'.length));
    throw new EngineError('bad_model', `The model source ${source} is not one of demo: and file:PATH.`);
  }

  private async demo(): Promise<string> {
    await mkdir(this.directory, { recursive: true });
    const path = join(this.directory, 'demo.gguf');
    const unfinished = `${path}.${process.pid}`;
    await writeDemoModel(unfinished);
    await rename(unfinished, path);
    return path;
  }
}
