import * as z from 'zod';
import { closest, meant } from '../../../constructs/contracts/closest';
import type { Problem } from '../../../constructs/contracts/problem';
import { typeOf } from '../../../constructs/contracts/units';
import { type FieldKeys, formatPath } from './path';

type Issue = z.core.$ZodIssue;

/**
 * What only the schema knows and an issue does not say: the keys of a map, or a field's description. It travels as
 * the issue's message.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'custom') return issue.message;
  const { inst } = issue;
  if (issue.code === 'unrecognized_keys' && inst instanceof z.ZodObject)
    return Object.keys(inst.shape).join('\n');
  if (!(inst instanceof z.ZodType)) return '';
  const { description = '', examples } = z.globalRegistry.get(inst) ?? {};
  const example = Array.isArray(examples) ? `, such as ${JSON.stringify(examples[0])}` : '';
  return `${description.replace(/ ?Default: .*/, '').replace(/\.$/, '')}${example}`;
}

/** Says each issue that zod found in terms of the file. */
export function problemsOf(issues: readonly Issue[], parent: FieldKeys = []): Problem[] {
  return issues.flatMap((issue) => {
    const keys = [...parent, ...issue.path];
    return issue.code === 'unrecognized_keys' ? unknownKeys(issue, keys) : problems(issue, keys);
  });
}

function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, keys: FieldKeys): Problem[] {
  const known = issue.message.split('\n').filter((key) => !key.startsWith('$'));
  const found = issue.input as Record<string, unknown> | undefined;
  const free = known.filter((key) => found?.[key] === undefined);
  const owner = keys.length === 0 ? 'a topology' : formatPath(keys);
  return issue.keys.map((key) => {
    const path = formatPath([...keys, key]);
    const reason = `is not a field of ${owner}`;
    if (SECRET.test(key)) {
      const mend = 'secrets never stand in a topology: name a Secret that holds it';
      return { path, value: undefined, reason, mend };
    }
    const near = closest(key, free) ?? closest(key, known);
    const others = `the ${free.length < known.length ? 'other ' : ''}fields here are: ${free.join(', ')}`;
    return {
      path,
      value: shown(key, found?.[key]),
      reason,
      mend: near === undefined ? others : `did you mean ${near}?`,
    };
  });
}

/** Names of fields whose value must not be repeated. */
const SECRET = /password|passwd|token|credential|secret$|api-?key|access-?key/i;

/** A value as far as a message may repeat it: nothing that may hold a secret. */
function shown(key: PropertyKey | undefined, value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return undefined;
  if (typeof value === 'string' && (SECRET.test(String(key)) || /:\/\/[^/]*@/.test(value))) return undefined;
  return value;
}

function problems(issue: Exclude<Issue, z.core.$ZodIssueUnrecognizedKeys>, keys: FieldKeys): Problem[] {
  if (issue.code === 'invalid_union') return unionProblems(issue, keys);
  const path = formatPath(keys);
  if (issue.code === 'invalid_key')
    return problemsOf(issue.issues, keys).map((problem) => ({ ...problem, path }));
  const { input } = issue;
  const description = issue.code === 'custom' ? String(issue.params?.mend ?? '') : issue.message;
  const [reason, mend] = input === undefined || input === null ? absent(input, description) : faultOf(issue);
  return [{ path, value: shown(keys.at(-1), input), reason, mend }];
}

function absent(value: null | undefined, description: string): [reason: string, mend: string] {
  if (value === null) return ['is empty', 'give it a value, or take the line out'];
  return ['is missing', description === '' ? 'add it' : `add it: ${lowerFirst(description)}`];
}

function faultOf(issue: Issue): [reason: string, mend: string] {
  switch (issue.code) {
    case 'custom':
      return [issue.message, String(issue.params?.mend ?? '')];
    case 'invalid_value':
      return [
        'is none of the values for this field',
        meant(issue.input, issue.values.map(String), 'write one of'),
      ];
    case 'invalid_type':
      return wrongType(issue.expected, issue.input, issue.message);
    case 'too_small':
    case 'too_big':
      return outOfRange(issue);
    default:
      return [
        'does not have the form of this field',
        issue.message === '' ? 'see its description' : issue.message,
      ];
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of fields',
  record: 'a map of names and values',
  array: 'a list',
};

function wrongType(expected: string, value: unknown, description: string): [string, string] {
  const wanted = EXPECTED[expected] ?? expected;
  if (expected === 'int' && typeof value === 'number') {
    return ['is not a whole number', `did you mean ${Math.round(value)}?`];
  }
  const reason = `is ${typeOf(value)}; ${wanted} is meant`;
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return [reason, `put it in quotes, exactly as it is meant: "${value}"`];
  }
  if ((expected === 'number' || expected === 'int') && typeof value === 'string' && /^\d+$/.test(value)) {
    return [reason, `write it without quotes: ${value}`];
  }
  if (expected === 'boolean' && typeof value === 'string') {
    if (/^(yes|on|true)$/i.test(value)) return [reason, 'did you mean true?'];
    if (/^(no|off|false)$/i.test(value)) return [reason, 'did you mean false?'];
  }
  if (expected === 'array') return [reason, 'write a list: each item after "- " on a line of its own'];
  return [reason, `write ${wanted}${description === '' ? '' : `: ${lowerFirst(description)}`}`];
}

function outOfRange(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): [string, string] {
  const [limit, side, word] =
    issue.code === 'too_small'
      ? [issue.minimum, 'less than', 'at least']
      : [issue.maximum, 'more than', 'at most'];
  if (issue.origin === 'array') return [`has ${side} ${limit} items`, `write ${word} ${limit}`];
  if (issue.origin === 'string') {
    return issue.input === ''
      ? ['is empty', 'give it a value']
      : [`has ${side} ${limit} characters`, `write ${word} ${limit}`];
  }
  return [`is ${side} ${limit}`, `write ${word} ${limit}`];
}

/** The problems of the branch that the user meant. */
function unionProblems(issue: z.core.$ZodIssueInvalidUnion, keys: FieldKeys): Problem[] {
  if ('discriminator' in issue && typeof issue.discriminator === 'string') {
    return [discriminatorProblem(issue, issue.discriminator, keys)];
  }
  // A branch that already fails at its root is not the one that was meant.
  const branches = issue.errors.filter((errors) => !errors.some((error) => isOfRoot(error)));
  const [branch] = branches.toSorted((one, other) => strangers(one) - strangers(other));
  if (branch !== undefined) return problemsOf(branch, keys);

  const errors = issue.errors.flat();
  const miss = errors.find((error) => isNearMiss(error, issue.input));
  if (miss !== undefined) return problemsOf([miss], keys);

  const { input } = issue;
  const words = errors.flatMap((error) => (error.code === 'invalid_value' ? error.values.map(String) : []));
  const types = errors.flatMap((error) =>
    error.code === 'invalid_type' ? [EXPECTED[error.expected] ?? error.expected] : [],
  );
  const path = formatPath(keys);
  if (input === undefined || input === null) {
    const [reason, mend] = absent(input, either([...words, ...types]));
    return [{ path, value: input, reason, mend }];
  }
  const reason = `is ${typeOf(input)}, and none of what can stand here`;
  const mend =
    typeof input === 'string' && words.length > 0
      ? meant(input, words, `write ${either(types)} or the word`)
      : `write ${either([...words, ...types])}`;
  return [{ path, value: shown(keys.at(-1), input), reason, mend }];
}

function discriminatorProblem(issue: z.core.$ZodIssueInvalidUnion, name: string, keys: FieldKeys): Problem {
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  const owner = keys.at(-1) === name ? keys.slice(0, -1) : keys;
  const value = (issue.input as Record<string, unknown> | undefined)?.[name];
  const reason =
    value === undefined ? 'is missing; it says which fields there are' : 'is none of the kinds there are';
  return { path: formatPath([...owner, name]), value, reason, mend: meant(value, options, 'write one of') };
}

/** Right by its type, but too small, too large, not whole, or of another form. */
const isNearMiss = (issue: Issue, input: unknown) =>
  issue.code === 'too_small' ||
  issue.code === 'too_big' ||
  issue.code === 'custom' ||
  (issue.code === 'invalid_type' && issue.expected === 'int' && typeof input === 'number');

const isOfRoot = (issue: Issue) =>
  issue.path.length === 0 && issue.code !== 'unrecognized_keys' && issue.code !== 'invalid_union';

/** Keys that a branch does not know or misses: the fewer, the likelier it was meant. */
const strangers = (branch: readonly Issue[]) =>
  branch.reduce(
    (sum, issue) =>
      sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : issue.input === undefined ? 1 : 0),
    0,
  );

const either = (words: readonly string[]) => [...new Set(words)].join(', or ');

const lowerFirst = (text: string) =>
  /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
