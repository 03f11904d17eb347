/** Runs the runtime's benchmarks, all or those that are named, and prints their figures together as the last line. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ENGINE_ENVIRONMENT } from '../src/engine/llama/child-process.js';
import { type Figure, report } from './report.js';

const PARTS = ['loop', 'http', 'durable', 'takeover'];

const named = process.argv.slice(2);
const figures: Figure[] = [];
for (const part of PARTS.filter((each) => named.length === 0 || named.includes(each))) {
  for (const figure of await run(part)) figures.push({ ...figure, name: `${part}: ${figure.name}` });
}
report('runtime', figures);

/** A part that misses a goal leaves with status 1 too, but has printed its figures; one that fails has not. */
async function run(part: string): Promise<readonly Figure[]> {
  const file = fileURLToPath(new URL(`./${part}.js`, import.meta.url));
  const child = spawn(process.execPath, ['--enable-source-maps', '--expose-gc', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The loop runs in the benchmark's own process, which is to be like an engine's.
    ...(part === 'loop' && { env: ENGINE_ENVIRONMENT }),
  });
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    process.stdout.write(chunk);
    output += chunk;
  }
  const last = output.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`The benchmark ${part} has failed: it printed no figures.`);
  return JSON.parse(last).figures;
}
