/**
 * `npm run test:chaos`: three nodes, 1,000 streams, and everything breaks in turn. Every stream must say what it says
 * undisturbed. Prints a table, and one line of JSON.
 */
import { atMost, quantile, report, told } from '../../bench/report.js';
import { clusterChaos } from './cluster-chaos.js';

const STREAMS = Number(process.env.CHAOS_STREAMS ?? 1000);

const figures = await clusterChaos({
  streams: STREAMS,
  concurrency: 24,
  tokens: 200,
  faults: ['kill', 'restartRedis', 'kill', 'partition', 'kill', 'restartPostgres'],
  peace: 3,
  log: (line) => process.stderr.write(`${line}\n`),
});
const { encounters, faults } = figures;
for (const line of [...figures.damaged, ...encounters.wrong]) process.stderr.write(`${line}\n`);
const rows = [
  told('time', figures.seconds, 's'),
  told('streams', figures.streams, ''),
  told('tokens', figures.tokens, ''),
  ...Object.entries(faults).map(([fault, count]) => told(`fault: ${fault}`, count, '')),
  atMost('streams with a token lost or repeated', figures.damaged.length, '', 0),
  atMost('requests answered wrongly', encounters.wrong.length, '', 0),
  told('other answers checked', figures.answers, ''),
  told('sessions', figures.sessions, ''),
  atMost('sessions lost', figures.sessionsLost, '', 0),
  told('streams gone on with elsewhere', encounters.resumed, ''),
  told('streams begun without Redis', encounters.notDurable, ''),
  told('requests sent again', encounters.retries, ''),
  told('requests refused', encounters.refused, ''),
  told('noticed gaps', encounters.pauses.length, ''),
  told('gap p50', quantile(encounters.pauses, 0.5), 'ms'),
  told('gap p99', quantile(encounters.pauses, 0.99), 'ms'),
  told('epochs with a leader', figures.epochs, ''),
  atMost('epochs with two leaders', figures.contested.length, '', 0),
];
for (const { name, value, unit, holds } of rows) {
  process.stderr.write(
    `  ${name.padEnd(40)}${String(value).padStart(9)} ${unit}${holds ? '' : '  MISSED'}\n`,
  );
}
report('chaos', rows);
