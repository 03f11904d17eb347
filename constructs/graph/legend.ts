import { linePath } from './lines';
import type { ArrowStyle, Picture } from './picture';
import { rectangle, text } from './svg-text';
import { textWidth } from './text-width';

export interface Legend {
  readonly height: number;
  readonly draw: string;
}

interface Entry {
  /** A sample, 34 pixels wide around the middle of the line. */
  readonly sample: (x: number, y: number) => string;
  readonly text: string;
}

const SIZE = 11.5;
const SAMPLE = 34;
const LINE = 22;

const ARROWS: readonly (readonly [ArrowStyle, string])[] = [
  ['traffic', 'clients’ requests'],
  ['allowed', 'allowed by network policies'],
  ['open', 'used; no policy limits it'],
  ['blocked', 'wanted by one side, closed by the other'],
  ['mount', 'mounted volume'],
];

/** What the signs of a picture mean: only those that are in it. */
export function legendOf({ boxes, arrows }: Picture, width: number): Legend {
  const workloads = boxes.flatMap((box) => (box.type === 'workload' ? [box] : []));
  const entries: Entry[] = ARROWS.filter(([style]) => arrows.some((arrow) => arrow.style === style)).map(
    ([style, meaning]) => ({
      sample: (x, y) =>
        linePath({ style, isMutual: false }, [
          { x, y },
          { x: x + SAMPLE - 8, y },
        ]),
      text: meaning,
    }),
  );
  const add = (isThere: boolean, meaning: string, sample: Entry['sample']) =>
    isThere && entries.push({ sample, text: meaning });
  const small =
    (style: string): Entry['sample'] =>
    (x, y) =>
      rectangle(x + 14, y - 5, 10, 10, 2.5, style);
  const zone =
    (style: string): Entry['sample'] =>
    (x, y) =>
      rectangle(x + 4, y - 8, 22, 16, 4, `zone ${style}`);
  add(workloads.length > 0, 'a pod that is always there', small('pod'));
  add(
    workloads.some(({ pods }) => (pods.max ?? 0) > pods.min),
    'one that may be added',
    small('pod more'),
  );
  add(
    workloads.some(({ zones }) => zones === 'required'),
    'zone: spread is required',
    zone('required'),
  );
  add(
    workloads.some(({ zones }) => zones === 'preferred'),
    'zone: spread is preferred',
    zone('preferred'),
  );
  const isClosed = workloads.some(({ isolation: { ingress, egress } }) => ingress || egress);

  let x = 0;
  let y = LINE / 2;
  const parts = entries.map((entry) => {
    const wide = SAMPLE + textWidth(entry.text, SIZE) + 22;
    if (x > 0 && x + wide > width) {
      x = 0;
      y += LINE;
    }
    const part = `<g class="workload">${entry.sample(x, y)}${text(x + SAMPLE, y + 4, 'legend', entry.text)}</g>`;
    x += wide;
    return part;
  });
  if (isClosed) {
    y += LINE;
    const note =
      'Default deny: nothing passes but what arrows and the boxes’ own lines show. The way to DNS is not drawn.';
    parts.push(text(0, y + 4, 'legend', note));
  }
  return { height: y + LINE / 2, draw: parts.join('') };
}
