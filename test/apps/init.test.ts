import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { addInitCommand } from '../../apps/commands/init';
import { systemOf } from '../../stacks/system/systems';
import { parseTopology, readTopologyFile, type Topology } from '../../stacks/topology';
import { KIND_NAMES, kindOf } from '../../stacks/topology/kinds';
import { CLOUDS } from '../../stacks/topology/template';

let folder: string;
let told: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
  told = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    told += text;
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Runs the command, and answers its exit code. */
function init(...words: string[]): number {
  const program = new Command('polypod').exitOverride().configureOutput({
    writeErr: (text) => {
      told += text;
    },
  });
  addInitCommand(program);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    program.parse(['init', ...words], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

const resolved = (topology: Topology) => systemOf(topology.kind).resolve(topology);

test.each(KIND_NAMES.flatMap((kind) => CLOUDS.map((cloud) => [kind, cloud] as const)))(
  '%s on %s: what it writes is a topology, and taking the # away changes nothing',
  (kind, cloud) => {
    const file = join(folder, 'topology.yaml');
    expect(init('--kind', kind, '--cloud', cloud, '-o', file)).toBe(0);
    const [topology, ...others] = readTopologyFile(file);
    expect(others).toEqual([]);
    if (topology === undefined) throw new Error('no topology');
    const text = readFileSync(file, 'utf8');
    const open = text.replace(/^(\s*)#(?=[a-zA-Z])/gm, '$1');
    expect(open).not.toBe(text);
    expect(topology.kind).toBe(kind);
    expect(parseTopology(open, 'opened').map(resolved)).toEqual([resolved(topology)]);
  },
);

test.each(KIND_NAMES)(
  'every section of a %s topology is in the template, written or commented out',
  (name) => {
    const kind = kindOf(name);
    const text = kind.template('aws');
    const sections = Object.keys(parseTopology(text, 'x')[0] ?? fail());
    expect(sections.length).toBeGreaterThan(15);
    for (const section of sections) expect(text).toMatch(new RegExp(`^#?${section}:`, 'm'));
  },
);

test('a file that is there stays as it is, unless forced', () => {
  const file = join(folder, 'topology.yaml');
  writeFileSync(file, 'mine');
  expect(init('--cloud', 'aws', '-o', file)).toBe(2);
  expect(told).toContain('is there already');
  expect(told).toContain('--force');
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(init('--cloud', 'aws', '-o', file, '--force')).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(kindOf('Inference').template('aws'));
});

test('a folder that is not there, and a folder in place of a file', () => {
  expect(init('--cloud', 'gcp', '-o', join(folder, 'a', 'b.yaml'))).toBe(2);
  expect(told).toContain('mkdir -p');
  expect(existsSync(join(folder, 'a'))).toBe(false);
  expect(init('--cloud', 'gcp', '--force', '-o', folder)).toBe(2);
  expect(told).toContain('is a folder');
});

test('a cloud must be named, and one that there is', () => {
  expect(init()).not.toBe(0);
  expect(init('--cloud', 'aswan')).not.toBe(0);
  expect(told).toContain('aws, gcp, azure, local');
});

function fail(): never {
  throw new Error('no topology');
}
