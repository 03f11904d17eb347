import { formatDuration } from '../../../constructs/contracts/units';
import { problem, type SystemCheck } from './check';

/** SIGKILL before the streams are handed over. */
export const graceCoversDrain: SystemCheck = {
  reads: ['shutdown'],
  *check({ shutdown: { preStop, drain, grace } }) {
    const needed = preStop.seconds + drain.seconds;
    if (grace.seconds >= needed) return;
    const reason = `is shorter than preStop (${preStop.text}) and drain (${drain.text}) together: streams are cut`;
    yield problem(
      'shutdown.grace',
      grace.text,
      reason,
      `write at least ${formatDuration(needed)}, or leave it out`,
    );
  },
};
