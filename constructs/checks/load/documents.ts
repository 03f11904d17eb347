import type { DocumentText } from '../kubernetes-object';

/**
 * Splits YAML into its documents. A line that starts with `---` ends a document even inside a block scalar, so
 * cutting the text there is exact; and one broken document does not take the others with it.
 */
export function splitDocuments(text: string): DocumentText[] {
  const documents: DocumentText[] = [];
  let start = 0;
  let firstLine = 1;
  const add = (end: number) => {
    const part = text.slice(start, end);
    if (hasContent(part)) documents.push({ text: part, firstLine });
  };
  for (const marker of text.matchAll(/\n(?=---(?:[ \t\r\n]|$))/g)) {
    const end = marker.index + 1;
    add(end);
    firstLine += countLines(text, start, end);
    start = end;
  }
  add(text.length);
  return documents;
}

/** Fenced code blocks of a guide whose language is YAML or JSON, without the indentation of their list item. */
export function fencedBlocks(text: string): (DocumentText & { readonly language: 'yaml' | 'json' })[] {
  const blocks: (DocumentText & { readonly language: 'yaml' | 'json' })[] = [];
  let open:
    | { fence: string; indent: number; language?: 'yaml' | 'json'; firstLine: number; lines: string[] }
    | undefined;
  text.split(/\r?\n/).forEach((line, index) => {
    const fence = /^([ \t>]*)(`{3,}|~{3,})\s*([\w-]*)/.exec(line);
    if (open === undefined) {
      if (fence === null) return;
      const [, indent = '', mark = '', word = ''] = fence;
      const language = languages[word.toLowerCase()];
      open = { fence: mark, indent: indent.length, language, firstLine: index + 2, lines: [] };
    } else if (fence?.[2]?.startsWith(open.fence) && fence[3] === '') {
      const { language, firstLine, indent } = open;
      if (language) blocks.push({ text: open.lines.join('\n'), firstLine, indent, language });
      open = undefined;
    } else {
      open.lines.push(line.slice(indentToCut(line, open.indent)));
    }
  });
  return blocks;
}

const languages: Readonly<Record<string, 'yaml' | 'json'>> = { yaml: 'yaml', yml: 'yaml', json: 'json' };

function indentToCut(line: string, indent: number): number {
  const own = /^[ \t>]*/.exec(line)?.[0].length ?? 0;
  return Math.min(own, indent);
}

/** False for a part of nothing but comments, markers and directives. */
function hasContent(part: string): boolean {
  return /^(?![ \t]*(?:#|\r?$)|%|---[ \t\r]*(?:#.*)?$|\.\.\.)/m.test(part);
}

function countLines(text: string, start: number, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
