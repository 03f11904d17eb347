/** A column of a table for terminals: texts stand left, figures right. */
export type Align = 'left' | 'right';

/** Columns of a line of text: longer ones go on below. */
export const WIDTH = 110;
const INDENT = '  ';

/** Rows as aligned lines. The last column may be long: it is wrapped, and its lines stay below each other. */
export function table(rows: readonly (readonly string[])[], align: readonly Align[]): string[] {
  const widths = align.map((_, column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const last = align.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + INDENT.length, INDENT.length);
  const room = Math.max(40, WIDTH - before);
  return rows.flatMap((row) => {
    const cells = align.map((side, column) => {
      const text = row[column] ?? '';
      const width = column === last && side === 'left' ? 0 : (widths[column] ?? 0);
      return side === 'left' ? text.padEnd(width) : text.padStart(width);
    });
    const [first = '', ...others] = wrap(cells[last] ?? '', room);
    const line = `${INDENT}${[...cells.slice(0, last), first].join(INDENT)}`;
    return [line.trimEnd(), ...others.map((other) => `${' '.repeat(before)}${other}`)];
  });
}

/** Text as lines of at most so many letters, broken between words. */
export function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  // Cells that stand right are padded in front.
  const [, padding = '', rest = ''] = /^(\s*)(.*)$/.exec(text) ?? [];
  for (const word of rest.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? `${padding}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}
