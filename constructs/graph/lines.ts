import type { Arrow, ArrowStyle } from './picture';
import { figure } from './svg-text';

interface Point {
  readonly x: number;
  readonly y: number;
}

const RADIUS = 9;
const HEADS: readonly ArrowStyle[] = ['traffic', 'allowed', 'open', 'blocked'];

/** Heads of arrows, in the colour of each style. */
export function arrowHeads(): string {
  return HEADS.map(
    (style) =>
      `<marker id="head-${style}" viewBox="0 0 10 10" refX="8.5" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M1 1.200 9 5 1 8.800z" class="head ${style}"/></marker>`,
  ).join('');
}

/** A line through points, its corners rounded. */
export function linePath(
  { style, isMutual }: Pick<Arrow, 'style' | 'isMutual'>,
  points: readonly Point[],
): string {
  const head = style === 'mount' ? '' : ` marker-end="url(#head-${style})"`;
  const tail = style !== 'mount' && isMutual ? ` marker-start="url(#head-${style})"` : '';
  return `<path d="${rounded(points)}" class="line ${style}"${head}${tail}/>`;
}

function rounded(points: readonly Point[]): string {
  const [first, ...others] = points;
  if (!first) return '';
  const parts = [`M${at(first)}`];
  others.forEach((point, index) => {
    const before = points[index] ?? point;
    const after = others[index + 1];
    if (!after) {
      parts.push(`L${at(point)}`);
      return;
    }
    const radius = Math.min(RADIUS, distance(before, point) / 2, distance(point, after) / 2);
    parts.push(
      `L${at(towards(point, before, radius))}`,
      `Q${at(point)} ${at(towards(point, after, radius))}`,
    );
  });
  return parts.join('');
}

const at = ({ x, y }: Point) => `${figure(x)} ${figure(y)}`;

const distance = (one: Point, other: Point) => Math.hypot(one.x - other.x, one.y - other.y);

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * length) / whole, y: from.y + ((to.y - from.y) * length) / whole };
}
