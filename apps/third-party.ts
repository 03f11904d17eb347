import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run bundle`: writes the licences of the packages that the bundles hold beside them, as those licences ask.
 * What is in a bundle, esbuild says.
 */
const FOLDER = join(__dirname, '../../lib/apps');
const ROOT = join(__dirname, '../..');

const folders = new Set<string>();
for (const bundle of ['command', 'layout-library']) {
  const contents = join(FOLDER, `${bundle}.meta.json`);
  const { inputs }: { inputs: Record<string, unknown> } = JSON.parse(readFileSync(contents, 'utf8'));
  for (const file of Object.keys(inputs)) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  rmSync(contents);
}
writeFileSync(
  join(FOLDER, 'THIRD-PARTY.txt'),
  [...folders]
    .sort()
    .map(notice)
    .join(`\n${'-'.repeat(80)}\n\n`),
);

/** Name, version and licence of a package, and the texts that come with it. */
function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const texts = readdirSync(join(ROOT, folder)).filter((file) => /^(?:licen[cs]e|notice)\b/i.test(file));
  if (texts.length === 0) throw new Error(`${name} has no text of its licence`);
  const bodies = texts.map((file) => readFileSync(join(ROOT, folder, file), 'utf8').trim());
  return `${name} ${version}, ${license}\n\n${bodies.join('\n\n')}\n`;
}
