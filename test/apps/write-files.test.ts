import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFiles } from '../../apps/write-files';
import { InvalidInputError } from '../../constructs/contracts/problem';

const FILES = new Map([['a/b.yaml', 'kind: ConfigMap\n']]);

describe('the output folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'output-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is made where it is not there, whatever leads to it', () => {
    const output = join(folder, 'x', 'y');
    writeFiles(output, FILES);
    expect(readFileSync(join(output, 'a', 'b.yaml'), 'utf8')).toBe('kind: ConfigMap\n');
  });

  // Node.js' own recursive mkdir never returns there.
  test('can not be where there are only files of the kernel', () => {
    expect(() => writeFiles('/proc/x/y', FILES)).toThrow(InvalidInputError);
  });

  test('can not be below a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeFiles(join(folder, 'file', 'x'), FILES)).toThrow(/lies below a file|is a file/);
  });
});
