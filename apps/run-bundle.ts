import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** What `npm run bundle` makes: a function of what a module of Node has. */
type Bundle = (require: NodeJS.Require, directory: string) => void;

const BUNDLE = join(__dirname, 'command.js');

/**
 * Runs the bundled command. What V8 compiled of it is kept in the user's cache folder once it has run, and taken
 * from there the next time: compiling its functions takes longer than running them. (Node's own compile cache
 * keeps a module as it is when it is loaded, with few of its functions compiled.)
 *
 * @param use what it is run for: the functions of each use are kept in a file of their own; `undefined` keeps nothing
 */
export function runBundle(use: string | undefined): void {
  const cache = use === undefined ? undefined : cacheFile(use);
  const identity = bundleIdentity();
  const cachedData = cache === undefined ? undefined : readCache(cache, identity);
  // esbuild writes ASCII: Latin-1 is the fastest way to read it.
  const script = new Script(readFileSync(BUNDLE, 'latin1'), { filename: BUNDLE, cachedData });
  if (cache !== undefined && (cachedData === undefined || script.cachedDataRejected)) {
    // A run that failed early has compiled too little.
    process.once('exit', (code) => code <= 1 && writeCache(cache, identity, script.createCachedData()));
  }
  (script.runInThisContext() as Bundle)(require, __dirname);
}

/** `undefined` where there is no home, as in many containers, or where caches of bytecode are not wanted. */
function cacheFile(use: string): string | undefined {
  const { HOME, USERPROFILE, XDG_CACHE_HOME, NODE_DISABLE_COMPILE_CACHE } = process.env;
  const home = HOME || USERPROFILE;
  const folder = XDG_CACHE_HOME || (home && join(home, '.cache'));
  return folder && !NODE_DISABLE_COMPILE_CACHE ? join(folder, 'polypod', `${use}.v8`) : undefined;
}

/** V8 itself looks at no more of a source than its length. */
function bundleIdentity(): Buffer {
  const { ino, size, mtimeMs, ctimeMs } = statSync(BUNDLE);
  return Buffer.from(`${[process.version, process.arch, ino, size, mtimeMs, ctimeMs].join(' ')}\n`);
}

function readCache(file: string, identity: Buffer): Buffer | undefined {
  try {
    const stored = readFileSync(file);
    return stored.subarray(0, identity.length).equals(identity)
      ? stored.subarray(identity.length)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that can't be written is done without. */
function writeCache(file: string, identity: Buffer, data: Buffer): void {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, Buffer.concat([identity, data]));
    renameSync(temporary, file);
  } catch {
    // The home folder may be read-only.
  }
}
