/**
 * What `polypod synth` costs: the flagship topology as a whole process beside a cdk8s hello world, in turn; and many
 * topologies in one process.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figure, median, report } from './figures';

const ROUNDS = 10;
const POLYPOD = join(__dirname, '../apps/polypod.js');
const FLAGSHIP = join(__dirname, '../../examples/topologies/flagship.yaml');
const GOAL_RATIO = 1.5;
const GOAL_MEBIBYTES = 300;
/** 200 topologies may cost this much more each than 20: nothing but noise. */
const GOAL_GROWTH = 1.15;

function run(
  args: readonly string[],
  cacheFolder = process.env.XDG_CACHE_HOME,
): { seconds: number; output: string } {
  const env = { ...process.env, XDG_CACHE_HOME: cacheFolder };
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`);
  return { seconds, output: stdout };
}

function many(count: number): { milliseconds: number; mebibytes: number } {
  return JSON.parse(run([join(__dirname, 'many-topologies.js'), FLAGSHIP, String(count)]).output);
}

const folder = mkdtempSync(join(tmpdir(), 'polypod-bench-synth-'));
try {
  const hello = () => run([join(__dirname, 'hello-world.js'), folder]).seconds;
  const synth = (cache: string) =>
    run([POLYPOD, 'synth', FLAGSHIP, '-o', folder], join(folder, cache)).seconds;
  hello();
  synth('kept');
  const rounds = Array.from({ length: ROUNDS }, (_, round) => ({
    hello: hello(),
    synth: synth('kept'),
    first: synth(`new-${round}`),
  }));
  const twenty = many(20);
  const twoHundred = many(200);
  report('synth', [
    figure('a cdk8s hello world', median(rounds.map((round) => round.hello)), 's'),
    figure('the flagship topology', median(rounds.map((round) => round.synth)), 's'),
    figure(
      'the flagship beside hello world',
      median(rounds.map((round) => round.synth / round.hello)),
      '×',
      GOAL_RATIO,
    ),
    figure(
      'its first run on a machine beside hello world',
      median(rounds.map((round) => round.first / round.hello)),
      '×',
    ),
    figure('a topology of 20 in one process', twenty.milliseconds, 'ms'),
    figure(
      'a topology of 200 beside one of 20',
      twoHundred.milliseconds / twenty.milliseconds,
      '×',
      GOAL_GROWTH,
    ),
    figure('peak memory of 200', twoHundred.mebibytes, 'MiB', GOAL_MEBIBYTES),
  ]);
} finally {
  rmSync(folder, { recursive: true });
}
