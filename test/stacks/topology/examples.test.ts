import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTopologyFile, resolveInference } from '../../../stacks/topology';
import { KIND_NAMES } from '../../../stacks/topology/kinds';

const FOLDER = 'examples/topologies';
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const topologies = files.flatMap((file) => readTopologyFile(join(FOLDER, file)));
const all = topologies.filter((topology) => topology.kind === 'Inference').map(resolveInference);

test.each(files)('%s names the schema, so that editors help', (file) => {
  expect(readFileSync(join(FOLDER, file), 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=..\/..\/schemas\/topology.schema.json\n/,
  );
});

test('every foundation and every engine has its example, and one model spans nodes', () => {
  const kinds = new Set(all.map(({ backing }) => backing.storage?.kind));
  expect(kinds).toEqual(new Set(['efs', 'filestore', 'azure-files', 'nfs', 'existing-class']));
  const engines = new Set(all.map(({ engine }) => engine.name));
  expect([...engines].sort()).toEqual(['llama-server', 'llama.cpp', 'ollama', 'vllm']);
  expect(all.some(({ engine }) => engine.name === 'vllm' && engine.nodes > 1)).toBe(true);
  expect(
    all.some(({ workloads }) => workloads.some(({ autoscaling }) => autoscaling?.signal === 'queue')),
  ).toBe(true);
});

test.each(KIND_NAMES)('%s has an example on every foundation', (kind) => {
  const storage = topologies
    .filter((topology) => topology.kind === kind)
    .map(({ backing }) => backing.storage?.kind);
  expect(storage).toEqual(expect.arrayContaining(['efs', 'filestore', 'azure-files', 'existing-class']));
});

test('no two examples share a name, so that one folder can hold what comes of them', () => {
  const names = topologies.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
