import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../../constructs/checks';

const text = readFileSync(join(__dirname, '../../docs/checks.md'), 'utf8');

test('the table has every rule with its severity, in the order of the registry, each with an example', () => {
  const rows = [...text.matchAll(/^\| ([a-z]+\/[a-z-]+) \| ([EW]) \| (.+) \|$/gm)].map(([, id, letter]) => [
    id,
    letter,
  ]);
  expect(rows).toEqual(rules.map(({ id, severity }) => [id, severity === 'error' ? 'E' : 'W']));
});

test('what it says to write in JSON is what is written', () => {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  expect(Object.keys(JSON.parse(json)[0])).toEqual([
    'rule',
    'severity',
    'object',
    'namespace',
    'file',
    'path',
    'message',
    'fix',
  ]);
});
