import { InvalidInputError, type Problem } from '../../../constructs/contracts/problem';
import type { Topology } from '../topology';
import { clashes } from './clashes';
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
  const topologies: { topology: Topology; index: number }[] = [];
  const found: Problem[] = [];
  for (const { value, index } of documents) {
    const outcome = examine(value, options);
    if ('topology' in outcome) topologies.push({ topology: outcome.topology, index });
    else found.push(...withPositions(outcome.problems, text, index));
  }
  for (const { problem, index } of clashes(topologies)) found.push(...withPositions([problem], text, index));
  if (found.length > 0) throw new InvalidInputError(source, found);
  return topologies.map(({ topology }) => topology);
}
