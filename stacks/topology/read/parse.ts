import { InvalidInputError, type Problem } from '../../../constructs/contracts/problem';
import type { Topology } from '../topology';
import { readDocuments } from './documents';
import { readText } from './file';
import { withPositions } from './positions';
import { examine, type ReadOptions } from './validate';

/**
 * Reads a topology file: YAML or JSON, in UTF-8, at most 1 MiB; each of its documents is a topology.
 *
 * @throws InvalidInputError with every problem of every document, each with line and column
 */
export function readTopologyFile(path: string, options: ReadOptions = {}): Topology[] {
  return parseTopology(readText(path), path, options);
}

/**
 * Reads the text of a topology file.
 *
 * @param source what to call it in messages
 * @throws InvalidInputError with every problem of every document, each with line and column
 */
export function parseTopology(text: string, source: string, options: ReadOptions = {}): Topology[] {
  const { documents, problems } = readDocuments(text.replace(/^\uFEFF/, ''));
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  const topologies: Topology[] = [];
  const found: Problem[] = [];
  for (const { value, index } of documents) {
    const outcome = examine(value, options);
    if ('topology' in outcome) topologies.push(outcome.topology);
    else found.push(...withPositions(outcome.problems, text, index));
  }
  if (found.length > 0) throw new InvalidInputError(source, found);
  refuseTwins(topologies, source);
  return topologies;
}

/** Two topologies of one name in one namespace would overwrite each other's objects. */
function refuseTwins(topologies: readonly Topology[], source: string): void {
  const seen = new Set<string>();
  for (const { name, namespace = name } of topologies) {
    if (seen.has(`${namespace}/${name}`)) {
      const reason = `is the name of two topologies of the namespace ${namespace} in this file`;
      throw new InvalidInputError(source, [
        { path: 'name', value: name, reason, mend: 'give each its own name or namespace' },
      ]);
    }
    seen.add(`${namespace}/${name}`);
  }
}
