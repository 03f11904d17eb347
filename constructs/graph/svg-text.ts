/** Text of an SVG file; what can't stand in XML at all goes. */
export function escaped(text: string): string {
  return text
    .replace(/(?!\n)\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/gu, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** A figure of a drawing: tenths of a pixel are enough, and the same on every machine. */
export const figure = (value: number) => String(Math.round(value * 10) / 10);

export function text(x: number, y: number, style: string, content: string): string {
  return `<text x="${figure(x)}" y="${figure(y)}" class="${style}">${escaped(content)}</text>`;
}

export function rectangle(
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
  style: string,
): string {
  return `<rect x="${figure(x)}" y="${figure(y)}" width="${figure(width)}" height="${figure(height)}" rx="${radius}" class="${style}"/>`;
}
