/** Synthesizes many topologies in this one process; prints milliseconds for each and the process's peak memory. */
import { readFileSync } from 'node:fs';
import { synthesize } from '../apps/synthesize';
import { parseTopology } from '../stacks/topology';

const [, , file = '', count = '0'] = process.argv;
const text = readFileSync(file, 'utf8');
const WARM_UP = 20;

function synthesizeMany(times: number): void {
  for (let index = 0; index < times; index += 1) {
    const own = text.replace('name: chat', `name: chat-${index}`);
    const [topology] = parseTopology(own, file);
    if (topology === undefined || synthesize({ id: 'chat', file, topology }).manifests === undefined) {
      throw new Error(`${file} was not synthesized`);
    }
  }
}

// What the first ones cost is compiling, not synthesizing.
synthesizeMany(WARM_UP);
const start = performance.now();
synthesizeMany(Number(count));
const milliseconds = (performance.now() - start) / Number(count);
process.stdout.write(JSON.stringify({ milliseconds, mebibytes: process.resourceUsage().maxRSS / 1024 }));
