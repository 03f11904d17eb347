import { z } from 'zod';
import type { Problem } from '../../../constructs/contracts/problem';
import { typeOf } from '../../../constructs/contracts/units';
import { closest, meant } from './closest';
import { type FieldKeys, formatPath } from './path';

type Issue = z.core.$ZodIssue;

/**
 * What only the schema knows and an issue does not say: the keys of a map, or a field's description. It travels as
 * the issue's message.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'custom') return issue.message;
  const { inst } = issue;
  if (inst instanceof z.ZodObject && issue.code === 'unrecognized_keys')
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
  return issue.keys.map((key) => {
    const path = formatPath([...keys, key]);
    const reason =
      keys.length === 0 ? 'is not a field of a topology' : `is not a field of ${formatPath(keys)}`;
    if (SECRET.test(key)) {
      return {
        path,
        value: undefined,
        reason,
        mend: 'secrets never stand in a topology: name a Secret that holds it',
      };
    }
    const near = closest(key, free) ?? closest(key, known);
    const mend =
      near === undefined
        ? `${othersThan(known, free)}: ${free.join(', ') || 'none'}`
        : `did you mean ${near}?`;
    return { path, value: found?.[key], reason, mend };
  });
}

const othersThan = (known: readonly string[], free: readonly string[]) =>
  free.length < known.length ? 'the other fields here are' : 'the fields here are';

/** Names of fields whose value must not be repeated. */
const SECRET = /password|passwd|token|^secret$|api-?key|access-?key/i;

function problems(issue: Exclude<Issue, z.core.$ZodIssueUnrecognizedKeys>, keys: FieldKeys): Problem[] {
  const value = issue.input;
  const problem = (reason: string, mend: string): Problem[] => [
    { path: formatPath(keys), value, reason, mend },
  ];
  if (issue.code === 'invalid_union') return unionProblems(issue, keys);
  if (issue.code === 'invalid_key')
    return problemsOf(issue.issues, keys.slice(0, -1)).map((p) => ({ ...p, path: formatPath(keys) }));
  if (value === undefined)
    return problem('is missing', `add it${issue.message === '' ? '' : `: ${lowerFirst(issue.message)}`}`);
  if (value === null) return problem('is empty', 'give it a value, or take the line out');
  switch (issue.code) {
    case 'custom':
      return [
        {
          path: formatPath(keys),
          value: issue.params?.secret === true ? undefined : value,
          reason: issue.message,
          mend: String(issue.params?.mend ?? ''),
        },
      ];
    case 'invalid_value':
      return problem(
        'is none of the values for this field',
        meant(value, issue.values.map(String), 'write one of'),
      );
    case 'invalid_type':
      return problem(...wrongType(issue.expected, value, issue.message));
    case 'too_small':
    case 'too_big':
      return problem(...outOfRange(issue));
    default:
      return problem(
        'does not have the form of this field',
        issue.message === '' ? 'see its description' : issue.message,
      );
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
  if (expected === 'int' && typeof value === 'number')
    return ['is not a whole number', `did you mean ${Math.round(value)}?`];
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
  const { input } = issue;
  if ('discriminator' in issue && typeof issue.discriminator === 'string') {
    const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
    const owner = keys.at(-1) === issue.discriminator ? keys.slice(0, -1) : keys;
    const value = (input as Record<string, unknown> | undefined)?.[issue.discriminator];
    const reason =
      value === undefined ? 'is missing; it says which fields there are' : 'is none of the kinds there are';
    return [
      {
        path: formatPath([...owner, issue.discriminator]),
        value,
        reason,
        mend: meant(value, options, 'write one of'),
      },
    ];
  }
  // A branch that already fails at its root is not the one that was meant.
  const branches = issue.errors.filter((errors) => !errors.some((error) => isOfRoot(error)));
  const branch = branches.toSorted((one, other) => strangers(one) - strangers(other))[0];
  if (branch !== undefined) return problemsOf(branch, keys);
  const words = issue.errors
    .flat()
    .flatMap((error) => (error.code === 'invalid_value' ? error.values.map(String) : []));
  const types = issue.errors
    .flat()
    .flatMap((error) => (error.code === 'invalid_type' ? [EXPECTED[error.expected] ?? error.expected] : []));
  const range = issue.errors.flat().find((error) => isNearMiss(error, input));
  if (range !== undefined) return problemsOf([range], keys);
  if (input === undefined)
    return [
      { path: formatPath(keys), value: input, reason: 'is missing', mend: `write ${either(words, types)}` },
    ];
  if (input === null) {
    return [
      {
        path: formatPath(keys),
        value: input,
        reason: 'is empty',
        mend: 'give it a value, or take the line out',
      },
    ];
  }
  const mend =
    typeof input === 'string' && words.length > 0
      ? meant(input, words, `write ${either([], types)} or the word`)
      : `write ${either(words, types)}`;
  return [
    {
      path: formatPath(keys),
      value: input,
      reason: `is ${typeOf(input)}, and none of what can stand here`,
      mend,
    },
  ];
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

const either = (words: readonly string[], types: readonly string[]) =>
  [...new Set([...words, ...types])].join(', or ');

const lowerFirst = (text: string) =>
  /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
