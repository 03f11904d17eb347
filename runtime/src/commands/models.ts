import type { Command } from 'commander';
import type { Config } from '../config/config.js';
import { ConfigError, configPath, loadConfig } from '../config/load-config.js';
import { EngineError } from '../engine/engine-error.js';
import { modelStoreOf } from '../models/configured-store.js';
import { parseSource, shownSource } from '../models/model-source.js';
import type { ModelReference } from '../models/model-store.js';
import type { SharedModelStore, StoredModel } from '../models/shared-model-store.js';
import { EXIT } from './exit-status.js';
import { bytes, FetchDisplay } from './fetch-display.js';

interface Flags {
  readonly config?: string;
  readonly json?: boolean;
}

interface NamedModel extends ModelReference {
  readonly id: string;
}

/** What a command works with. */
interface Context {
  readonly store: SharedModelStore;
  readonly models: readonly NamedModel[];
  readonly signal: AbortSignal;
  readonly display: FetchDisplay;
  readonly json: boolean;
}

/** `polypod-runtime models …`: the model store, by hand and from init containers. */
export function models(program: Command): void {
  const group = program.command('models').description('look after the model store');
  const add = (usage: string, description: string, work: (context: Context) => Promise<boolean>) =>
    group
      .command(usage)
      .description(description)
      .option('--config <file>', 'configuration file (YAML)')
      .option('--json', 'print the result as JSON')
      .action((names: string[], flags: Flags) => run(names, flags, work));
  add('pull [models...]', 'fetch the models of the configuration, or those that are named', pull);
  add('verify [models...]', "read all files and compare them with the models' manifests", verify);
  add('list [models...]', 'list the models of the configuration and what else the store holds', list);
  add('remove <models...>', 'remove models from the store, by id or source', remove);
}

/** Runs a command; it yields whether all is well. */
async function run(
  names: string[],
  flags: Flags,
  work: (context: Context) => Promise<boolean>,
): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const display = new FetchDisplay();
  try {
    const config = await loadConfig(configPath(process.env, flags.config), process.env);
    const context = {
      store: modelStoreOf(config),
      models: chosen(config, names),
      signal: stopping.signal,
      display,
      json: flags.json ?? false,
    };
    process.exitCode = (await work(context)) ? 0 : EXIT.failed;
  } catch (error) {
    display.clear();
    if (!isForeseen(error) && !stopping.signal.aborted) throw error;
    process.stderr.write(
      stopping.signal.aborted ? 'Stopped; what is there is kept.\n' : `${message(error)}\n`,
    );
    process.exitCode = error instanceof ConfigError ? EXIT.badConfig : EXIT.failed;
  }
}

/** The models that the command is about: ids of the configuration, or sources. */
function chosen({ models }: Config, names: readonly string[]): NamedModel[] {
  if (names.length === 0) return [...models];
  const problems: string[] = [];
  const found = names.flatMap((name): NamedModel[] => {
    const configured = models.find(({ id, source }) => id === name || source === name);
    if (configured) return [configured];
    try {
      parseSource(name);
      return [{ id: shownSource(name), source: name }];
    } catch {
      problems.push(`${shownSource(name)}: it is neither a model of the configuration nor a source`);
      return [];
    }
  });
  if (problems.length > 0) throw new ConfigError('polypod-runtime models', problems);
  return found;
}

async function pull({ store, models, signal, display, json }: Context): Promise<boolean> {
  const results = [];
  for (const model of models) {
    const source = shownSource(model.source);
    try {
      const path = await store.pull(model, {
        signal,
        onProgress: (progress) => display.progress(model.id, progress),
        onNotice: (text) => display.line(`${model.id}  ${text}`),
      });
      results.push({ id: model.id, source, path, state: 'whole' });
      display.line(`${model.id}  is whole: ${path}`);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      results.push({ id: model.id, source, state: 'failed', reason: error.message });
      display.line(`${model.id}  failed: ${error.message}`);
    }
  }
  if (json) printJson(results);
  return results.every(({ state }) => state === 'whole');
}

async function verify({ store, models, signal, display, json }: Context): Promise<boolean> {
  const results = [];
  for (const model of models) {
    const stored = await store.check(model, {
      thorough: true,
      signal,
      onProgress: (progress) => display.progress(model.id, progress),
    });
    display.clear();
    results.push(row(model.id, stored));
    const faults = stored.faults.map((fault) => `\n  ${fault}`).join('');
    if (!json) process.stdout.write(`${model.id}  ${stored.state}${faults}\n`);
  }
  if (json) printJson(results);
  const good = results.every(({ state }) => state === 'whole');
  if (!good) display.line('Mend it with: polypod-runtime models pull');
  return good;
}

async function list({ store, models, signal, json }: Context): Promise<boolean> {
  const configured = await Promise.all(
    models.map(async (model) => row(model.id, await store.check(model, { signal }))),
  );
  const listed = new Set(configured.map(({ source }) => source));
  const others = (await store.list()).flatMap(({ source, files }) =>
    listed.has(source)
      ? []
      : [{ id: null, source, state: 'unused', bytes: files.reduce((sum, file) => sum + file.bytes, 0) }],
  );
  const rows = [...configured, ...others];
  if (json) printJson(rows);
  else printTable(rows.map(({ id, state, bytes: size, source }) => [id ?? '-', state, bytes(size), source]));
  return true;
}

async function remove({ store, models, json }: Context): Promise<boolean> {
  const results = [];
  for (const { id, source } of models) {
    const freed = await store.remove(source);
    results.push({ id, source: shownSource(source), freedBytes: freed });
    if (!json) process.stdout.write(`${id}  removed, ${bytes(freed)} are free again\n`);
  }
  if (json) printJson(results);
  return true;
}

function row(id: string, { source, state, bytes: size, path, faults, manifest }: StoredModel) {
  const { commit, fetchedAt, files } = manifest ?? {};
  return {
    id,
    source,
    state,
    bytes: size,
    path,
    ...(faults.length > 0 && { faults }),
    ...(commit !== undefined && { commit }),
    ...(fetchedAt !== undefined && { fetchedAt }),
    ...(files && { files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })) }),
  };
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

function printTable(rows: readonly (readonly string[])[]): void {
  const all = [['MODEL', 'STATE', 'SIZE', 'SOURCE'], ...rows];
  const widths =
    all[0]?.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0))) ?? [];
  for (const cells of all) {
    process.stdout.write(
      `${cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

/** Errors of the file system, such as a store that may not be written, need no stack. */
function isForeseen(error: unknown): boolean {
  return (
    error instanceof ConfigError ||
    error instanceof EngineError ||
    (error instanceof Error && 'code' in error)
  );
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
