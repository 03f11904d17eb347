import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { InvalidInputError, type Problem } from '../constructs/contracts/problem';
import { readTopologyFile, type Topology } from '../stacks/topology';

/** A topology that was read, and the id that its chart and its output go by. */
export interface NamedTopology {
  /** The file's name without its ending; with several topologies in one file, `FILE-NAME`. */
  readonly id: string;
  readonly file: string;
  readonly topology: Topology;
}

/**
 * Reads topology files, and every `*.yaml`, `*.yml` and `*.json` of folders.
 *
 * @throws InvalidInputError for each file that can't be used, all in one AggregateError
 */
export function readTopologies(paths: readonly string[]): NamedTopology[] {
  const errors: InvalidInputError[] = [];
  const topologies: NamedTopology[] = [];
  const files = paths.flatMap((path) => attempt(errors, () => topologyFiles(path)) ?? []);
  for (const file of files) {
    const read = attempt(errors, () => readTopologyFile(file)) ?? [];
    for (const topology of read) {
      const stem = basename(file, extname(file));
      topologies.push({ id: read.length === 1 ? stem : `${stem}-${topology.name}`, file, topology });
    }
  }
  attempt(errors, () => refuseTwins(topologies));
  if (errors.length > 0) throw new AggregateError(errors);
  return topologies;
}

function attempt<T>(errors: InvalidInputError[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    errors.push(error);
    return undefined;
  }
}

/** The file itself, or what a folder has. A path that is not there is for the reader to refuse. */
function topologyFiles(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => /\.(?:ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(path, name));
  if (files.length === 0) {
    throw refused(path, 'is a folder without *.yaml, *.yml or *.json', 'name a topology file');
  }
  return files;
}

/** Outputs of one name would overwrite each other. */
function refuseTwins(topologies: readonly NamedTopology[]): void {
  const files = new Map<string, string>();
  for (const { id, file } of topologies) {
    const other = files.get(id);
    if (other !== undefined) {
      throw refused(file, `would be written over ${id}.k8s.yaml of ${other}`, 'rename one of the two files');
    }
    files.set(id, file);
  }
}

function refused(file: string, reason: string, mend: string): InvalidInputError {
  const problem: Problem = { path: '', value: undefined, reason, mend };
  return new InvalidInputError(file, [problem]);
}
