import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PATHS } from '../../contract.cjs';
import { sections } from './reference.js';

const DOCS = fileURLToPath(new URL('../../../../docs/runtime.md', import.meta.url));

describe('docs/runtime.md', () => {
  it('says what the configuration and the metrics are (UPDATE_DOCS=1 writes it)', async () => {
    const found = await readFile(DOCS, 'utf8');
    let expected = found;
    for (const [name, text] of Object.entries(sections())) {
      const [start, end] = [`<!-- ${name}: made by runtime/test/docs -->`, `<!-- /${name} -->`];
      const [before, rest] = [expected.indexOf(start), expected.indexOf(end)];
      assert.ok(before >= 0 && rest > before, `the page has no part ${name}`);
      expected = `${expected.slice(0, before)}${start}\n\n${text}\n\n${expected.slice(rest)}`;
    }
    if (process.env.UPDATE_DOCS) await writeFile(DOCS, expected);
    else assert.equal(found, expected);
  });

  it('names every path of operations', async () => {
    const text = await readFile(DOCS, 'utf8');
    const { chat: _chat, ...operations } = PATHS;
    for (const path of Object.values(operations)) assert.ok(text.includes(path), path);
  });
});
