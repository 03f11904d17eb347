import type { NodeCheck } from './node-check.js';

/** What a peer that could not be asked is shown as. */
export interface UnreachableNode {
  readonly node: string;
  readonly status: 'unreachable';
  readonly reason: string;
}

export interface IntegrityReport {
  readonly object: 'cluster.integrity';
  /**
   * `running` while any node reads; then `damaged` if a file is not what it should be or nodes differ, `incomplete` if
   * a node can't be asked or has never checked, else `whole`.
   */
  readonly status: 'never' | 'running' | 'whole' | 'damaged' | 'incomplete';
  readonly readBytes: number;
  readonly totalBytes: number;
  readonly nodes: readonly (NodeCheck | UnreachableNode)[];
  /** Files that nodes read differently, or that are not what they should be. */
  readonly differences: readonly Difference[];
}

interface Difference {
  readonly model: string;
  readonly path: string;
  /** What it should be, where that is known. */
  readonly expected?: string;
  /** What is where; without a digest where the file is missing. */
  readonly found: readonly { readonly sha256?: string; readonly nodes: readonly string[] }[];
}

/** Puts together what all nodes say. */
export function integrityReport(nodes: readonly (NodeCheck | UnreachableNode)[]): IntegrityReport {
  const checks = nodes.filter((node) => node.status !== 'unreachable');
  const differences = differencesOf(checks.filter(({ status }) => status !== 'never'));
  const sum = (key: 'readBytes' | 'totalBytes') => checks.reduce((total, check) => total + check[key], 0);
  return {
    object: 'cluster.integrity',
    status: statusOf(nodes, differences),
    readBytes: sum('readBytes'),
    totalBytes: sum('totalBytes'),
    nodes,
    differences,
  };
}

function statusOf(
  nodes: readonly (NodeCheck | UnreachableNode)[],
  differences: readonly Difference[],
): IntegrityReport['status'] {
  const some = (...statuses: string[]) => nodes.some(({ status }) => statuses.includes(status));
  if (some('running')) return 'running';
  if (differences.length > 0) return 'damaged';
  if (!some('whole', 'failed')) return 'never';
  return some('unreachable', 'never', 'failed') ? 'incomplete' : 'whole';
}

function differencesOf(checks: readonly NodeCheck[]): Difference[] {
  const files = new Map<
    string,
    { model: string; path: string; expected?: string; found: Map<string, string[]> }
  >();
  const missing = '';
  for (const { node, files: read } of checks) {
    for (const { model, path, expected, sha256 = missing } of read) {
      const key = JSON.stringify([model, path]);
      const file = files.get(key) ?? { model, path, ...(expected && { expected }), found: new Map() };
      files.set(key, file);
      file.found.set(sha256, [...(file.found.get(sha256) ?? []), node]);
    }
  }
  return [...files.values()]
    .filter(
      ({ found, expected }) =>
        found.size > 1 || found.has(missing) || (expected !== undefined && !found.has(expected)),
    )
    .map(({ found, ...file }) => ({
      ...file,
      found: [...found].map(([sha256, nodes]) => ({ ...(sha256 !== missing && { sha256 }), nodes })),
    }));
}
