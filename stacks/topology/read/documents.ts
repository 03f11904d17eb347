import { CORE_SCHEMA, loadAll, YAMLException } from 'js-yaml';
import type { Problem } from '../../../constructs/contracts/problem';
import { syntaxProblems } from './positions';

/** No topology comes near; an alias bomb expands to millions. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 100;

/** The documents of a YAML (or JSON) text; those that hold nothing are left out. */
export function readDocuments(text: string): {
  documents: { value: unknown; index: number }[];
  problems: Problem[];
} {
  let values: unknown[];
  try {
    values = loadAll(text, { schema: CORE_SCHEMA, maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // The parser that finds places would use up the stack.
    if (error.reason.includes('maxDepth')) return { documents: [], problems: [tooDeep(error)] };
    return { documents: [], problems: syntaxProblems(text, error) };
  }
  const documents = values
    .map((value, index) => ({ value, index }))
    .filter(({ value }) => value !== null && value !== undefined);
  if (documents.length === 0) {
    return {
      documents,
      problems: [
        {
          path: '',
          value: undefined,
          reason: 'holds no topology',
          mend: 'begin with `polypod init --cloud local`',
        },
      ],
    };
  }
  const huge = documents.find(({ value }) => countValues(value, MAX_VALUES) >= MAX_VALUES);
  if (huge === undefined) return { documents, problems: [] };
  const problem = {
    path: '',
    value: undefined,
    reason: `comes to more than ${MAX_VALUES} values once its aliases are followed`,
    mend: 'write the values out, without aliases (&, *) of aliases',
  };
  return { documents: [], problems: [problem] };
}

function tooDeep({ mark }: YAMLException): Problem {
  return {
    path: '',
    value: undefined,
    reason: `nests lists and maps more than ${MAX_DEPTH} levels deep`,
    mend: 'no field of a topology lies so deep: write it flat',
    ...(mark && { line: mark.line + 1, column: mark.column + 1 }),
  };
}

function countValues(value: unknown, limit: number): number {
  let count = 0;
  const rest = [value];
  while (rest.length > 0 && count < limit) {
    const next = rest.pop();
    count += 1;
    if (typeof next !== 'object' || next === null) continue;
    for (const value of Object.values(next)) rest.push(value);
  }
  return count;
}
