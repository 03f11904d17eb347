import { readFileSync } from 'node:fs';

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

test('the API reference has every entry point of the package', () => {
  const exported: readonly (string | { readonly types: string })[] = Object.values(
    json('package.json').exports,
  );
  const sources = exported.flatMap((entry) =>
    typeof entry === 'string' ? [] : [entry.types.replace(/^\.\/lib\/(.*)\.d\.ts$/, '$1.ts')],
  );
  expect(json('typedoc.json').entryPoints).toEqual(sources);
});
