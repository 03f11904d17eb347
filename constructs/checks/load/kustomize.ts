import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listAt, objectsAt, textAt } from '../json';
import { parseYaml } from './yaml';

const KUSTOMIZATION = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

export function isKustomization(name: string): boolean {
  return KUSTOMIZATION.has(name);
}

/**
 * Files that a kustomization patches its resources with, as absolute paths. They have the shape of objects, yet only a
 * few fields of them, so that nothing can be said of what they lack.
 */
export function kustomizePatches(folder: string, name: string): string[] {
  const { value } = parseYaml(readFileSync(join(folder, name), 'utf8'));
  const paths = [
    ...['patches', 'patchesJson6902'].flatMap((field) =>
      objectsAt(value, field).map(({ item }) => textAt(item, 'path')),
    ),
    ...listAt(value, 'patchesStrategicMerge'),
    ...listAt(value, 'configurations'),
  ];
  return paths.flatMap((path) =>
    typeof path === 'string' && !path.includes('\n') ? [resolve(folder, path)] : [],
  );
}
