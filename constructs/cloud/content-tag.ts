import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Never part of an image: fetched, built or only for development. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'lib', 'test', 'bench', 'coverage']);

/**
 * A tag that says what an image is made of: equal sources give an equal tag, so that a registry whose tags can't be
 * moved is never asked to move one. Files that begin with a dot count only in the folder itself (`.dockerignore`).
 *
 * @param context folder whose files go into the image
 * @param dockerfile what says how; it need not be in the folder
 * @throws Error where they can't be read
 */
export function contentTag(context: string, dockerfile: string): string {
  const hash = createHash('sha256').update(readFileSync(dockerfile));
  const visit = (folder: string, path: string) => {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const name = `${path}${entry.name}`;
      if (LEFT_OUT.has(entry.name) || (entry.name.startsWith('.') && (path !== '' || entry.isDirectory())))
        continue;
      if (entry.isDirectory()) visit(join(folder, entry.name), `${name}/`);
      else if (entry.isFile()) {
        const content = readFileSync(join(folder, entry.name));
        hash.update(`${name}\0${content.length}\0`).update(content);
      }
    }
  };
  visit(context, '');
  return `content-${hash.digest('hex').slice(0, 16)}`;
}
