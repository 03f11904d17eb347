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

function run(args: readonly string[]): { seconds: number; output: string } {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
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
  const synth = () => run([POLYPOD, 'synth', FLAGSHIP, '-o', folder]).seconds;
  hello();
  synth();
  const rounds = Array.from({ length: ROUNDS }, () => ({ hello: hello(), synth: synth() }));
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
