import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PARAMETERS_68M, writeRandomModel } from '../src/models/gguf/random-model.js';

/** A model of 68 million random parameters, made once and kept in the user's cache. */
export async function benchModel(): Promise<string> {
  const directory = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'polypod', 'bench');
  const file = join(directory, 'random-68m.gguf');
  if (existsSync(file)) return file;
  await mkdir(directory, { recursive: true });
  await writeRandomModel(`${file}.unfinished`, PARAMETERS_68M);
  await rename(`${file}.unfinished`, file);
  return file;
}
