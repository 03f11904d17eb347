import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GATEWAY_METRICS, RUNTIME_METRICS } from '../../metrics.cjs';
import { ROUTES } from '../../src/identity/route-access.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** Pages for operators of the runtime. */
const PAGES = ['operations', 'cluster', 'streams', 'access', 'websocket', 'seeds'];
const METRICS = [...Object.values(RUNTIME_METRICS), ...Object.values(GATEWAY_METRICS)];

const page = (name: string) => readFile(join(ROOT, 'docs', `${name}.md`), 'utf8');
const isThere = (path: string) =>
  access(join(ROOT, path)).then(
    () => true,
    () => false,
  );
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found);

async function sources(directory: string): Promise<string> {
  const names = await readdir(directory, { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts'));
  return (await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')))).join('\n');
}

/** What a page names and nothing has; `…` at the end of a name stands for any end. */
async function unknown(named: (text: string) => readonly string[], isKnown: (name: string) => boolean) {
  const missing: string[] = [];
  for (const name of PAGES) {
    for (const found of named(await page(name))) {
      if (!isKnown(found)) missing.push(`${name}.md: ${found}`);
    }
  }
  return missing;
}

describe('the pages for operators', () => {
  it('name metrics that there are', async () => {
    const names = METRICS.flatMap(({ name, type }) =>
      type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    );
    const isKnown = (name: string) =>
      name.endsWith('…') ? names.some((each) => each.startsWith(name.slice(0, -1))) : names.includes(name);
    assert.deepEqual(await unknown((text) => matches(text, /`(polypod_[a-z_]+…?)/g), isKnown), []);
  });

  it('name events that happen', async () => {
    const code = await sources(join(ROOT, 'runtime/src'));
    const events = (text: string) =>
      matches(text, /events? ((?:`[a-z]+\.[a-z]+`(?:, | and )?)+)/g).flatMap((list) =>
        matches(list, /`([^`]+)`/g),
      );
    assert.deepEqual(await unknown(events, (name) => code.includes(`'${name}'`)), []);
  });

  it('name paths of the API that there are', async () => {
    const known = new Set(
      Object.keys(ROUTES).map((route) => route.replace(/^\w+ /, '').replace(/\/:.*/, '')),
    );
    const isKnown = (path: string) => known.has(path.replace(/\/$/, ''));
    const own = PAGES.filter((name) => name !== 'seeds');
    const missing: string[] = [];
    for (const name of own) {
      const paths = matches(await page(name), /(\/api\/v1\/[a-z/]+)/g);
      missing.push(...paths.filter((path) => !isKnown(path)).map((path) => `${name}.md: ${path}`));
    }
    assert.deepEqual(missing, []);
  });

  it('name tests and files that there are', async () => {
    const missing: string[] = [];
    for (const name of PAGES) {
      const text = await page(name);
      const tests = matches(text, /tests? ((?:`[a-z-]+\/[a-z-]+`(?:, | and )?)+)/g)
        .flatMap((list) => matches(list, /`([^`]+)`/g))
        .map((test) => `runtime/test/${test}.test.ts`);
      const files = matches(text, /`((?:runtime|constructs|stacks|examples|docs)\/[\w./-]+)`/g);
      for (const file of [...tests, ...files])
        if (!(await isThere(file))) missing.push(`${name}.md: ${file}`);
    }
    assert.deepEqual(missing, []);
  });
});

describe('the table of what works when something is away', () => {
  interface Row {
    readonly away: string;
    readonly shownBy: string;
    readonly proof: string;
  }
  const rows = async (): Promise<Row[]> => {
    const [, rest = ''] = (await page('operations')).split('| away |');
    const lines = rest.split('\n').slice(2);
    const end = lines.findIndex((line) => !line.startsWith('|'));
    return lines.slice(0, end).map((line) => {
      const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return { away: cells[1] ?? '', shownBy: cells[4] ?? '', proof: cells[5] ?? '' };
    });
  };

  it('covers what the cluster leans on', async () => {
    const all = (await rows()).map(({ away }) => away.toLowerCase()).join('\n');
    for (const part of [
      'redis',
      'postgresql',
      'shared volume',
      'engine',
      'peer',
      'clock',
      'disk',
      'leader',
    ]) {
      assert.ok(all.includes(part), part);
    }
  });

  it('has a metric in each line', async () => {
    const without = (await rows()).filter(
      ({ shownBy }) => !METRICS.some(({ name }) => shownBy.includes(`\`${name}\``)) && shownBy !== 'the same',
    );
    assert.deepEqual(without, []);
  });

  it('has a test in each line, by its file and how its title goes', async () => {
    const problems: string[] = [];
    for (const { away, proof } of await rows()) {
      const proofs = proof.split(';').map((each) => each.trim());
      for (const each of proofs) {
        const [, file, title] = /^`([a-z-]+\/[a-z-]+)`(?: \*(.+?)…?\*)?$/.exec(each) ?? [];
        const path = join(ROOT, `runtime/test/${file}.test.ts`);
        const source = await readFile(path, 'utf8').catch(() => '');
        const titles = matches(source.replaceAll("\\'", "'"), /(?:it|test|describe)\(\s*['"`](.+?)['"`],/g);
        if (titles.length === 0) problems.push(`${away}: there is no test ${each}`);
        else if (title && !titles.some((found) => found.includes(title))) {
          problems.push(`${away}: ${file} has no test that ${title}`);
        }
      }
    }
    assert.deepEqual(problems, []);
  });
});
