import { CORE_SCHEMA, loadAll, YAMLException } from 'js-yaml';
import type { Problem } from '../../../constructs/contracts/problem';
import { syntaxProblems } from './positions';

/** No topology comes near; an alias bomb expands to millions. */
const MAX_VALUES = 50_000;

/** The documents of a YAML (or JSON) text; those that hold nothing are left out. */
export function readDocuments(text: string): {
  documents: { value: unknown; index: number }[];
  problems: Problem[];
} {
  let values: unknown[];
  try {
    values = loadAll(text, { schema: CORE_SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
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

function countValues(value: unknown, limit: number): number {
  let count = 0;
  const rest = [value];
  while (rest.length > 0 && count < limit) {
    const next = rest.pop();
    count += 1;
    if (typeof next === 'object' && next !== null) rest.push(...Object.values(next));
  }
  return count;
}
