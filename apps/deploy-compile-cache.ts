import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Keeps what V8 compiles of the program and its SDKs, thousands of small files, in the user's cache folder. Imported
 * before all else. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
 */
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'polypod', 'deploy'));
