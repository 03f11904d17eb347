import type { Problem } from '../../contracts';
import type { Replicas } from '../workload';
import { knownCountProblems } from './count';

/** What is wrong with a number of pods or a range of it, if anything. */
export function replicasProblems(path: string, replicas: Replicas): Problem[] {
  if (typeof replicas === 'number') return knownCountProblems(path, replicas, 1);
  const { min, max } = replicas;
  const problems = [
    ...knownCountProblems(`${path}.min`, min, 1),
    ...knownCountProblems(`${path}.max`, max, 1),
  ];
  if (problems.length === 0 && max < min) {
    return [
      {
        path: `${path}.max`,
        value: max,
        reason: `is less than the minimum, ${min}`,
        mend: `write ${min} or more`,
      },
    ];
  }
  return problems;
}
