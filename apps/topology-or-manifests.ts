import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type InputProblem, loadManifests } from '../constructs/checks';
import type { KubernetesObject } from '../constructs/checks/kubernetes-object';
import { kubernetesObjects } from '../constructs/checks/model';
import { KIND_NAMES } from '../stacks/topology/kinds';

/** Whether a path leads to a topology file: it has a kind of ours, and no apiVersion as manifests have. */
export function isTopologyFile(path: string): boolean {
  if (path === '-' || !statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  const text = readFileSync(path, 'utf8');
  const kind = new RegExp(
    `^\\s*["']?kind["']?\\s*:\\s*["']?(?:${KIND_NAMES.join('|')})["']?\\s*(?:[,#].*)?$`,
    'm',
  );
  return kind.test(text) && !/^\s*["']?apiVersion["']?\s*:/m.test(text);
}

/** Manifests as a whole system, and what to call it. */
export interface ManifestInput {
  readonly title: string;
  readonly objects: readonly KubernetesObject[];
  /** What could not be read. */
  readonly problems: readonly InputProblem[];
}

/** Reads files and folders of manifests, or standard input for `-`. */
export async function readManifests(paths: readonly string[], namespace?: string): Promise<ManifestInput> {
  const input = paths.includes('-') ? Buffer.concat(await process.stdin.toArray()) : undefined;
  const { manifests, problems } = loadManifests(paths, input);
  const [first = ''] = paths;
  const title =
    first === '-' ? 'manifests' : basename(first).replace(/(?:\.k8s)?\.(?:ya?ml|json|md|txt)$/, '');
  return { title, objects: kubernetesObjects(manifests, namespace), problems };
}
