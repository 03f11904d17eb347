import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { backup } from '../backup/backup.js';
import { BackupError } from '../backup/backup-error.js';
import { restore } from '../backup/restore.js';
import { readSealKey } from '../backup/sealed-file.js';
import { type BackupSummary, verifyBackup } from '../backup/verify.js';
import type { Config } from '../config/config.js';
import { ConfigError, configPath, loadConfig } from '../config/load-config.js';
import type { DatabaseConfig } from '../database/pool.js';
import { modelStoreOf } from '../models/configured-store.js';
import type { SharedModelStore } from '../models/shared-model-store.js';
import { EXIT } from './exit-status.js';
import { bytes } from './fetch-display.js';

interface Flags {
  readonly config?: string;
  readonly keyFile: string;
  readonly json?: boolean;
  readonly force?: boolean;
  readonly check?: boolean;
}

/** `polypod-runtime backup FILE` and `restore FILE`: the database and what the model store held. */
export function backups(program: Command): void {
  const add = (name: string, description: string, work: (file: string, flags: Flags) => Promise<void>) =>
    program
      .command(`${name} <file>`)
      .description(description)
      .requiredOption(
        '--key-file <file>',
        'what the backup is encrypted with: from age-keygen, or a passphrase',
      )
      .option('--config <file>', 'configuration file (YAML)')
      .option('--json', 'print the result as JSON')
      .action((file: string, flags: Flags) => run(() => work(file, flags)));
  add('backup', 'write the database and the list of models to an encrypted file', writeBackup);
  add('restore', 'put a backup into the database; all nodes must be stopped', restoreBackup)
    .option('--force', 'replace what the database holds')
    .option('--check', 'read the file to its end and change nothing');
}

async function writeBackup(file: string, flags: Flags): Promise<void> {
  const config = await configOf(flags);
  const key = await readSealKey(flags.keyFile);
  const models = await modelStoreOf(config).list();
  const summary = await backup({ database: databaseOf(config), models, file, key });
  const { size } = await stat(file);
  print(flags, summary, `${file}  ${bytes(size)}, read again and found good`);
}

async function restoreBackup(file: string, flags: Flags): Promise<void> {
  const config = await configOf(flags);
  const key = await readSealKey(flags.keyFile);
  if (flags.check) {
    print(flags, await verifyBackup(file, key), `${file} is whole`);
    return;
  }
  const summary = await restore({ database: databaseOf(config), file, key, force: flags.force ?? false });
  print(flags, summary, `${file} is restored`);
  const missing = await missingModels(modelStoreOf(config), summary);
  if (missing.length === 0 || flags.json) return;
  process.stdout.write(
    `The model store has not, or not as they were: ${missing.join(', ')}\n  polypod-runtime models pull fetches what the configuration names\n`,
  );
}

/** Sources of the backup whose files the store has not, or has others. */
async function missingModels(store: SharedModelStore, { header }: BackupSummary): Promise<string[]> {
  const there = new Set(
    (await store.list()).flatMap(({ files }) => files.map(({ path, sha256 }) => `${path} ${sha256}`)),
  );
  return header.models
    .filter(({ files }) => !files.every(({ path, sha256 }) => there.has(`${path} ${sha256}`)))
    .map(({ source }) => source);
}

function print({ json }: Flags, { header, rows }: BackupSummary, result: string): void {
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...header, rows: Object.fromEntries(rows) }, null, 2)}\n`);
    return;
  }
  const what = `${rows.size} tables, ${total} rows, ${header.models.length} models`;
  process.stdout.write(`${result}\n  ${what}, of ${header.createdAt}\n`);
}

async function configOf({ config }: Flags): Promise<Config> {
  return loadConfig(configPath(process.env, config), process.env);
}

function databaseOf({ database }: Config): DatabaseConfig {
  if (database) return database;
  throw new ConfigError('polypod-runtime', [
    'database: none is configured: name it in the file, or with PGHOST',
  ]);
}

/** What was foreseen needs no stack: a wrong key, a full disk, a server that is away. */
async function run(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const foreseen =
      error instanceof BackupError ||
      error instanceof ConfigError ||
      (error instanceof Error && 'code' in error);
    if (!foreseen) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof ConfigError ? EXIT.badConfig : EXIT.failed;
  }
}
