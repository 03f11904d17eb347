import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { polypod } from '../../support/polypod';

const LOCAL = join(__dirname, '../../../examples/topologies/local.yaml');
const FLAGSHIP = join(__dirname, '../../../examples/topologies/flagship.yaml');

interface Secret {
  readonly metadata: { readonly name: string };
  readonly stringData: Readonly<Record<string, string>>;
}

test('the Secrets of the servers inside the namespace, each time with other values', () => {
  const [first, second] = [1, 2].map(() => loadAll(polypod(['secrets', LOCAL]).stdout) as Secret[]);
  const names = first?.map(({ metadata }) => metadata.name);
  expect(names).toEqual(['polypod-cluster', 'polypod-cache', 'polypod-database']);
  const values = [...(first ?? []), ...(second ?? [])].flatMap(({ stringData: { username, ...made } }) =>
    Object.values(made),
  );
  expect(new Set(values).size).toBe(6);
  for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
});

test('what only its owner knows is named, not made up', () => {
  const { stdout, stderr, status } = polypod(['secrets', FLAGSHIP]);
  expect(status).toBe(0);
  expect((loadAll(stdout) as Secret[]).map(({ metadata }) => metadata.name)).toEqual(['chat-cluster']);
  expect(stderr).toContain('llm/chat-cache is yours to make: user and password of the cache');
  expect(stderr).toContain('llm/chat-database is yours to make: user and password of the database');
});
