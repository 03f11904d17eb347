/** That what the pages point at is there: pages and headings, npm scripts, commands and their options. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Command } from 'commander';
import { addCheckCommand } from '../../apps/commands/check';
import { addGraphCommand } from '../../apps/commands/graph';
import { addInitCommand } from '../../apps/commands/init';
import { addPlanCommand } from '../../apps/commands/plan';
import { addSecretsCommand } from '../../apps/commands/secrets';
import { addSynthCommand } from '../../apps/commands/synth';

const PAGES = [
  'README.md',
  'runtime/README.md',
  ...readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const read = (file: string) => readFileSync(file, 'utf8');
const withoutCode = (text: string) => text.replace(/^ *(`{3,}).*?^ *\1/gms, '');

/** Ids of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...withoutCode(read(page)).matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
  return new Set(anchors);
}

/** The page's links into this repository that lead nowhere. */
function deadLinks(page: string): string[] {
  const text = withoutCode(read(page)).replace(/`[^`\n]*`/g, '`code`');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : normalize(join(dirname(page), path));
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(target).has(anchor);
  });
}

/** The page's code: what is fenced, with continued lines joined, and what is in the text. */
function codeOf(page: string): string[] {
  const text = read(page);
  const fenced = [...text.matchAll(/^ *(`{3,})[^\n]*\n(.*?)^ *\1/gms)].flatMap(([, , code = '']) =>
    code.replace(/\\\n/g, ' ').split('\n'),
  );
  const inline = [...withoutCode(text).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  return [...fenced, ...inline];
}

const scripts = (file: string): Readonly<Record<string, string>> => JSON.parse(read(file)).scripts;
const SCRIPTS = { root: scripts('package.json'), runtime: scripts('runtime/package.json') };

function unknownScripts(page: string): string[] {
  return codeOf(page).flatMap((code) =>
    [...code.matchAll(/npm run ([a-z][\w:-]*)([^&|;#]*)/g)]
      .filter(([, name = '', rest = '']) => {
        const there = / (-w|--workspace) ?runtime\b/.test(rest) ? SCRIPTS.runtime : SCRIPTS.root;
        return !Object.hasOwn(there, name);
      })
      .map(([whole]) => whole),
  );
}

const program = new Command('polypod').version('0.0.0');
for (const add of [addCheckCommand, addInitCommand, addPlanCommand, addSecretsCommand, addSynthCommand])
  add(program);
addGraphCommand(program, () => {
  throw new Error('nothing is drawn here');
});

/** Flags after the name of the program's subcommand that it does not have, or a subcommand that there is not. */
function unknownCommands(page: string): string[] {
  return codeOf(page).flatMap((code) =>
    [...code.matchAll(/(?:^|npx |[|(] *|&& )polypod (-?-?[a-z][a-z-]*)([^&|;#)]*)/g)].flatMap(
      ([whole, name = '', rest = '']) => {
        const command = name.startsWith('-')
          ? program
          : program.commands.find((each) => each.name() === name);
        if (!command) return [whole.trim()];
        const given = `${name} ${rest}`.match(/(?<=^|\s)--?[a-z][a-z-]*/g) ?? [];
        const known = ['--help', ...command.options.flatMap(({ long, short }) => [long, short])];
        return given.filter((flag) => !known.includes(flag)).map((flag) => `polypod ${name} … ${flag}`);
      },
    ),
  );
}

describe.each(PAGES)('%s', (page) => {
  test('has no dead links', () => expect(deadLinks(page)).toEqual([]));
  test('names npm scripts that there are', () => expect(unknownScripts(page)).toEqual([]));
  test('names commands and options that there are', () => expect(unknownCommands(page)).toEqual([]));
});

test('every page is in the index', () => {
  const index = read('docs/README.md');
  const missing = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md').filter(
    (page) => !index.includes(`(${page.slice('docs/'.length)}`),
  );
  expect(missing).toEqual([]);
});
