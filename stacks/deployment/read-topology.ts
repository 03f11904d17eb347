import { resolve } from 'node:path';
import { InvalidInputError, type Problem } from '../../constructs/contracts';
import { readTopologyFile, type Topology, validateTopology } from '../topology';

/** The topology, or all that is wrong with it. */
export type ReadTopology = { readonly topology: Topology } | { readonly problems: readonly Problem[] };

const FROM_FOUNDATION = { backing: 'from-foundation' } as const;

/**
 * Reads the topology of a deployment: an object, or the path of a file that holds exactly one.
 *
 * @param key what the config calls it; paths of problems begin with it
 * @param root folder that the path counts from
 */
export function readTopology(value: unknown, key: string, root: string): ReadTopology {
  const problem = (reason: string, mend: string) => ({ problems: [{ path: key, value, reason, mend }] });
  if (value === undefined || value === '') {
    return problem('is missing', 'name a topology file, such as examples/topologies/local.yaml');
  }
  try {
    if (typeof value !== 'string') return { topology: validateTopology(value, key, FROM_FOUNDATION) };
    const topologies = readTopologyFile(resolve(root, value), FROM_FOUNDATION);
    const [topology] = topologies;
    if (topology !== undefined && topologies.length === 1) return { topology };
    return problem(
      `holds ${topologies.length} topologies, and a stack deploys one`,
      'put each into a file and a stack of its own',
    );
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const owner = typeof value === 'string' ? `${key} (${value})` : key;
    return { problems: error.problems.map((one) => ({ ...one, path: `${owner} ${one.path}`.trimEnd() })) };
  }
}
