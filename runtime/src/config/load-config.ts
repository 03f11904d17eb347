import { readFile } from 'node:fs/promises';
import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { CONFIG_FILE, ENVIRONMENT } from '../../contract.cjs';
import { type Config, configSchema } from './config.js';
import { applyEnvironment, isRecord, variableOf } from './environment.js';

/** A configuration that can't be used; the message lists all that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(source: string, problems: readonly string[]) {
    const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
    super(`${source}: ${count}\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** The file to read: the one that was named, else the image's, which need not be there. */
export function configPath(
  environment: NodeJS.ProcessEnv,
  named?: string,
): { path: string; required: boolean } {
  const path = named ?? environment[ENVIRONMENT.configFile];
  return path === undefined ? { path: CONFIG_FILE, required: false } : { path, required: true };
}

/** Reads the file, writes the environment and `flags` over it, and validates the whole. Throws {@link ConfigError}. */
export async function loadConfig(
  file: { path: string; required: boolean },
  environment: NodeJS.ProcessEnv,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<Config> {
  const input = await readInput(file);
  const result = configSchema.safeParse({ ...applyEnvironment(input, environment), ...flags });
  if (result.success) return result.data;
  throw new ConfigError(
    file.path,
    result.error.issues.flatMap((issue) => describe(issue, environment)),
  );
}

async function readInput({
  path,
  required,
}: {
  path: string;
  required: boolean;
}): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!required && reason.includes('ENOENT')) return {};
    throw new ConfigError(path, [
      `the file can't be read (${reason}): name another with --config or ${ENVIRONMENT.configFile}`,
    ]);
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  if (document.errors.length > 0) {
    throw new ConfigError(
      path,
      document.errors.map((error) => `line ${error.linePos?.[0].line}: ${error.message.split('\n', 1)[0]}`),
    );
  }
  const unresolved = unresolvedAliases(document, lineCounter);
  if (unresolved.length > 0) throw new ConfigError(path, unresolved);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(path, [`its aliases can't be followed (${reason}): write the values out instead`]);
  }
  if (!isRecord(value)) throw new ConfigError(path, ['the file must hold a mapping, such as "role: all"']);
  return value;
}

/** Values that begin with `*`, such as a host's pattern, are references in YAML, here to nothing. */
function unresolvedAliases(document: Document.Parsed, lines: LineCounter): string[] {
  const problems: string[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document)) return;
      const { line } = lines.linePos(alias.range?.[0] ?? 0);
      const value = `*${alias.source}`;
      problems.push(
        `line ${line}: ${value} is an alias of YAML, of something that has no anchor: quote it, as "${value}"`,
      );
    },
  });
  return problems;
}

function describe(issue: z.core.$ZodIssue, environment: NodeJS.ProcessEnv): string[] {
  const path = issue.path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part),
    '',
  );
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${path ? `${path}.` : ''}${key}: there is no such field; remove it or mend its name`,
    );
  }
  const variable = variableOf(path, environment);
  return [`${path || '(the whole)'}${variable ? ` (from ${variable})` : ''}: ${issue.message}`];
}
