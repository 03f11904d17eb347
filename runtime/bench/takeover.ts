/**
 * Kills the generating process at a random token, 200 times. Every stream must complete at another node with nothing
 * lost, nothing repeated and the text of an uninterrupted run; the gap is what its reader notices.
 */
import { chaos } from '../test/support/chaos.js';
import { atMost, quantile, report, told } from './report.js';

const KILLS = Number(process.env.BENCH_KILLS ?? 200);
const GOAL_MILLISECONDS = 2_000;

const { gaps, streams } = await chaos(KILLS, (line) => process.stderr.write(`${line}\n`));
report('takeover', [
  told('kills', KILLS, ''),
  told('streams', streams, ''),
  told('streams taken over, all complete and unchanged', gaps.length, ''),
  atMost('gap p99', quantile(gaps, 0.99), 'ms', GOAL_MILLISECONDS),
  told('gap p50', quantile(gaps, 0.5), 'ms'),
  told('longest gap', Math.max(...gaps), 'ms'),
]);
