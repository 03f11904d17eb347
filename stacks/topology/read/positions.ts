import type { YAMLException } from 'js-yaml';
import type { Problem } from '../../../constructs/contracts/problem';
import { type FieldKeys, parsePath } from './path';

/** The parser that knows where things stand is slow to load: only a file with problems pays for it. */
const yaml = (): typeof import('yaml') => require('yaml');

/** What is wrong with a text that is not YAML, each with its line and column. */
export function syntaxProblems(text: string, exception: YAMLException): Problem[] {
  const { LineCounter, parseAllDocuments } = yaml();
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const found = documents.flatMap((document) =>
    document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return syntaxProblem(error.message, error.code, line, col);
    }),
  );
  const { mark, reason } = exception;
  return found.length > 0
    ? found
    : [syntaxProblem(reason, 'IMPOSSIBLE', (mark?.line ?? 0) + 1, (mark?.column ?? 0) + 1)];
}

function syntaxProblem(reason: string, code: string, line: number, column: number): Problem {
  const mends: Readonly<Record<string, string>> = {
    DUPLICATE_KEY: 'keep one of the two',
    TAB_AS_INDENT: 'indent with spaces',
    BAD_INDENT: 'indent fields of one map equally',
    BAD_ALIAS: 'write the value itself',
  };
  return {
    path: '',
    value: undefined,
    reason: `is not YAML: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`,
    mend: mends[code] ?? 'mend this line or the one before',
    line,
    column,
  };
}

/**
 * Adds to each problem the line and column of its field, or of the nearest field around it that is there, and
 * brings them into the order of the file.
 */
export function withPositions(problems: readonly Problem[], text: string, index: number): Problem[] {
  const { LineCounter, parseAllDocuments, isMap, isNode, isScalar, isSeq, isAlias } = yaml();
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const document = Array.isArray(documents) ? documents[index] : undefined;
  if (document === undefined) return [...problems];

  const offsetOf = (keys: FieldKeys): number => {
    let node: unknown = document.contents;
    let offset = document.contents?.range?.[0] ?? 0;
    for (const key of keys) {
      if (isAlias(node)) node = node.resolve(document);
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => (isScalar(item.key) ? String(item.key.value) : String(item.key)) === String(key),
        );
        if (pair === undefined) break;
        if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(key)];
        if (!isNode(node)) break;
        offset = node.range?.[0] ?? offset;
      } else break;
    }
    return offset;
  };

  return problems
    .map((problem) => ({ problem, offset: offsetOf(parsePath(problem.path)) }))
    .toSorted((one, other) => one.offset - other.offset)
    .map(({ problem, offset }) => {
      const { line, col } = lines.linePos(offset);
      return { ...problem, line, column: col };
    });
}
