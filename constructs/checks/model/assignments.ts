import { extname } from 'node:path';

/** A name and what a line of a file gives it. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
}

/** Bigger files are data, not configuration. */
const MAX_LENGTH = 512 * 1024;
const CODE = new Set([
  '.py',
  '.js',
  '.mjs',
  '.ts',
  '.lua',
  '.go',
  '.rb',
  '.rego',
  '.jq',
  '.html',
  '.css',
  '.md',
  '.tpl',
  '.tmpl',
  '.gotmpl',
  '.ftl',
  '.j2',
]);
const SHELL = new Set(['.sh', '.bash']);
const SQL = new Set(['.sql']);
/** Texts for people, where `password` is a word. */
const FOR_PEOPLE =
  /(?:^|[-_./])(?:i18n|locales?|translations?|messages|lang|dashboards?|schema|crds?|swagger|openapi)(?:[-_./]|$)/i;

/**
 * Names and values in a configuration file, read line by line: `name: value`, `name = value`, `"name": "value"`,
 * `name value`; in scripts what variables are given, in SQL the passwords of users. Nothing is read from code.
 */
export function* assignments(file: string, text: string): Generator<Assignment> {
  if (text.length > MAX_LENGTH || FOR_PEOPLE.test(file)) return;
  const extension = extname(file).toLowerCase();
  if (CODE.has(extension)) return;
  if (SQL.has(extension) || /^\s*(?:create|alter)\s+(?:user|role)\b/im.test(text)) yield* sqlPasswords(text);
  else if (SHELL.has(extension) || text.startsWith('#!')) yield* shellVariables(text);
  else yield* lines(text);
}

function* lines(text: string): Generator<Assignment> {
  // A quick look, since most entries of a ConfigMap are plain values.
  if (!/[:=]|passw|requirepass|masterauth|masteruser/i.test(text)) return;
  for (const line of text.split('\n')) {
    if (line.length > 4096) continue;
    let found = false;
    for (const [, name = '', value = ''] of line.matchAll(/"([\w.-]+)"\s*:\s*"((?:[^"\\]|\\.)*)"/g)) {
      found = true;
      yield { name, value };
    }
    if (found) continue;
    const pair =
      /^\s*(?:-\s+)?(?:export\s+)?["']?([A-Za-z_][\w.-]*)["']?\s*(?::=|[:=])\s*(\S.*)$/.exec(line) ??
      /^\s*(requirepass|masterauth|masteruser|[\w.-]*passw(?:or)?d)\s+([^\s:=]\S*)\s*$/i.exec(line);
    if (pair?.[1] !== undefined && pair[2] !== undefined) yield { name: pair[1], value: literal(pair[2]) };
  }
}

/** A value without its quotes and the comment or comma after it. */
function literal(text: string): string {
  const quoted = /^(["'])((?:(?!\1).)*)\1/.exec(text);
  return (
    quoted?.[2] ??
    text
      .replace(/\s+#.*$/, '')
      .replace(/[,;]\s*$/, '')
      .trim()
  );
}

function* shellVariables(text: string): Generator<Assignment> {
  for (const [, name = '', quoted, plain] of text.matchAll(
    /^\s*(?:export\s+|local\s+|readonly\s+)?([A-Za-z_]\w*)=(?:["']([^"'\n]*)["']|([^\s"'`;&|()]*))/gm,
  )) {
    yield { name, value: quoted ?? plain ?? '' };
  }
}

function* sqlPasswords(text: string): Generator<Assignment> {
  for (const [, value = ''] of text.matchAll(
    /\b(?:password|identified\s+(?:with\s+\S+\s+)?by)\s+'([^'\n]+)'/gi,
  )) {
    yield { name: 'password', value };
  }
}
