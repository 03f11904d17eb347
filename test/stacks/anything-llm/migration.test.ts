import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { AnythingLlmChart } from '../../../stacks/anything-llm/anything-llm-chart';
import { MIGRATION_SCRIPT } from '../../../stacks/anything-llm/migration';
import { validateTopology } from '../../../stacks/topology';
import { manifestsOf, strictFaults } from '../../support/strict-validation';
import { temporaryFolder } from '../../support/temporary-folder';

const folder = temporaryFolder();
const at = (...parts: string[]) => join(folder.path, ...parts);

/** What a single pod left behind. */
const OLD: Readonly<Record<string, string>> = {
  'anythingllm.db': 'rows of users and chats',
  'anythingllm.db-wal': 'rows that are not yet in the database',
  'documents/custom-documents/a report.json': '{}',
  'vector-cache/1.json': '[]',
  'models/downloaded/tiny.gguf': 'weights',
  'lost+found/nothing': '',
};

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  }
}

/** Runs the Job's script on three folders. */
function migrate() {
  const { status, stdout, stderr } = spawnSync('/bin/bash', ['-c', MIGRATION_SCRIPT], {
    env: { PATH: process.env.PATH, OLD: at('old'), STATE: at('state'), MODELS: at('models') },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

beforeEach(() => {
  for (const name of ['old', 'state', 'models']) mkdirSync(at(name));
  write(at('old'), OLD);
});

test('everything is copied, models apart from the rest, and the backup holds it all', () => {
  expect(migrate().status).toBe(0);
  for (const name of ['anythingllm.db', 'anythingllm.db-wal', 'documents/custom-documents/a report.json']) {
    expect(readFileSync(at('state', name), 'utf8')).toBe(OLD[name]);
  }
  expect(readFileSync(at('models', 'downloaded', 'tiny.gguf'), 'utf8')).toBe('weights');
  expect(readdirSync(at('state')).sort()).toEqual([
    'anythingllm.db',
    'anythingllm.db-wal',
    'documents',
    'vector-cache',
  ]);
  const [backup] = readdirSync(at('models', '.backups'));
  const { stdout } = spawnSync('tar', ['-tzf', at('models', '.backups', backup ?? '')], { encoding: 'utf8' });
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(['./anythingllm.db', './anythingllm.db-wal']));
});

test('a second run overwrites nothing', () => {
  migrate();
  writeFileSync(at('state', 'anythingllm.db'), 'newer rows');
  const { status, stdout } = migrate();
  expect(status).toBe(0);
  expect(stdout).toContain('nothing is overwritten');
  expect(readFileSync(at('state', 'anythingllm.db'), 'utf8')).toBe('newer rows');
});

test('a run that was cut off is done again from the beginning', () => {
  write(at('state'), { '.incoming/half': 'half', 'documents/stale.json': 'stale' });
  write(at('models'), { '.backups/earlier.tar.gz.part': 'half' });
  expect(migrate().status).toBe(0);
  expect(existsSync(at('state', '.incoming'))).toBe(false);
  expect(existsSync(at('state', 'documents', 'stale.json'))).toBe(false);
  expect(readFileSync(at('state', 'anythingllm.db'), 'utf8')).toBe(OLD['anythingllm.db']);
});

test('a folder without a database is refused, and nothing is written', () => {
  spawnSync('rm', [at('old', 'anythingllm.db')]);
  const { status, stderr } = migrate();
  expect(status).toBe(1);
  expect(stderr).toContain('migration.path');
  expect(readdirSync(at('state'))).toEqual([]);
});

test('while it runs, nothing else mounts the disk; the topology without it has the system', () => {
  const chart = (migration?: { claim: string; path: string }) =>
    new AnythingLlmChart(
      new App(),
      'docs',
      validateTopology(
        {
          kind: 'AnythingLLM',
          name: 'docs',
          llm: { runtime: { name: 'chat' }, model: 'qwen' },
          migration,
          backing: {
            image: 'docker.io/mintplexlabs/anythingllm:1.16.0',
            storage: { kind: 'nfs', server: 'nfs.acme.internal', path: '/files' },
            database: 'local',
          },
        },
        'test',
      ),
    );
  const migrating = chart({ claim: 'anything-llm', path: '/storage/' });
  const manifests = manifestsOf(migrating);
  const mounting = manifests.filter((manifest) =>
    JSON.stringify(manifest).includes('"claimName":"docs-state"'),
  );
  expect(mounting.map(({ kind, metadata }) => `${kind}/${metadata?.name}`)).toEqual(['Job/docs-migration']);
  expect(JSON.stringify(mounting)).toContain('{"name":"OLD","value":"/old/storage"}');
  expect(strictFaults(manifests)).toEqual([]);
  expect(migrating.check().findings).toEqual([]);

  const kept = (one: AnythingLlmChart) =>
    manifestsOf(one).filter(({ kind }) => kind === 'PersistentVolumeClaim');
  expect(kept(chart())).toEqual(kept(migrating));
});
