import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { polypod } from '../support/polypod';
import { temporaryFolder } from '../support/temporary-folder';

const FLAGSHIP = join(__dirname, '../../examples/topologies/flagship.yaml');
const folder = temporaryFolder();

function synth(cacheFolder: string): string {
  const env = { PATH: process.env.PATH, XDG_CACHE_HOME: cacheFolder };
  expect(polypod(['synth', FLAGSHIP, '-o', folder.path], { env })).toMatchObject({ status: 0, stderr: '' });
  return readFileSync(join(folder.path, 'flagship.k8s.yaml'), 'utf8');
}

test('bytecode is kept after the first run, used by the next, and made again where it is damaged', () => {
  const cache = join(folder.path, 'polypod/synth.v8');
  const manifests = synth(folder.path);
  const kept = statSync(cache);

  expect(synth(folder.path)).toBe(manifests);
  expect(statSync(cache).ino).toBe(kept.ino);

  const bytes = readFileSync(cache);
  const half = bytes.subarray(0, bytes.length / 2);
  const ofAnotherBundle = Buffer.concat([Buffer.from('v22.0.0 '), bytes]);
  for (const damaged of [half, ofAnotherBundle, Buffer.alloc(0)]) {
    writeFileSync(cache, damaged);
    expect(synth(folder.path)).toBe(manifests);
    expect(statSync(cache).size).toBeGreaterThan(0.9 * kept.size);
    expect(readFileSync(cache).subarray(0, 8)).toEqual(bytes.subarray(0, 8));
  }
});

test('a cache that can not be written, or has no home, is done without', () => {
  expect(synth('/dev/null')).toContain('kind: StatefulSet');
  expect(synth('')).toContain('kind: StatefulSet');
});
