import { spawnSync } from 'node:child_process';
import { tryKubectl } from '../e2e/support/kubectl';
import { preconditions } from '../e2e/support/preconditions';

/** Says what is missing to run the deployment program for real. */
export default function setUp(): void {
  const problems: string[] = [];
  if (spawnSync('pulumi', ['version']).status !== 0) {
    problems.push(
      'the Pulumi CLI is not on the PATH: https://www.pulumi.com/docs/install, or npx pulumi@3.246.0',
    );
  }
  const found = preconditions(process.env);
  if ('problems' in found) problems.push(...found.problems);
  else if (tryKubectl(['config', 'current-context']).status !== 0)
    problems.push('the kubeconfig has no current context: kubectl config use-context NAME');
  if (problems.length === 0) return;
  process.stderr.write(
    `\nThe Pulumi suite can't start:\n${problems.map((problem) => `  - ${problem}\n`).join('')}`,
  );
  process.stderr.write('The program itself is tested under mocks by npm test.\n');
  process.exit(2);
}
