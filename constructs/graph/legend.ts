import { linePath } from './lines';
import type { ArrowStyle, Picture } from './picture';
import { rectangle, text } from './svg-text';
import { textWidth } from './text-width';

export interface Legend {
  readonly height: number;
  readonly draw: string;
}

interface Entry {
  /** A sample, drawn around the middle of its line; and the room that it takes. */
  readonly sample: (x: number, y: number) => string;
  readonly room: number;
  readonly text: string;
}

const SIZE = 11.5;
const LINE_ROOM = 34;
const POD_ROOM = 18;
const ZONE_ROOM = 30;
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
          { x: x + LINE_ROOM - 8, y },
        ]),
      room: LINE_ROOM,
      text: meaning,
    }),
  );
  const add = (isThere: boolean, room: number, meaning: string, sample: Entry['sample']) =>
    isThere && entries.push({ sample, room, text: meaning });
  const pod = (style: string) => (x: number, y: number) => rectangle(x, y - 5, 10, 10, 2.5, style);
  const zone = (style: string) => (x: number, y: number) => rectangle(x, y - 8, 22, 16, 4, `zone ${style}`);
  const isSpread = (firmness: string) =>
    workloads.some(({ zones, pods: { min, max } }) => zones === firmness && Math.max(min, max ?? 0) > 1);
  add(workloads.length > 0, POD_ROOM, 'a pod that is always there', pod('pod'));
  add(
    workloads.some(({ pods }) => (pods.max ?? 0) > pods.min),
    POD_ROOM,
    'one that may be added',
    pod('pod more'),
  );
  add(isSpread('required'), ZONE_ROOM, 'a zone: spread over zones is required', zone('required'));
  add(isSpread('preferred'), ZONE_ROOM, 'a zone: spread over zones is preferred', zone('preferred'));
  const isClosed = workloads.some(({ isolation: { ingress, egress } }) => ingress || egress);

  let x = 0;
  let y = LINE / 2;
  const parts = entries.map((entry) => {
    const wide = entry.room + textWidth(entry.text, SIZE) + 22;
    if (x > 0 && x + wide > width) {
      x = 0;
      y += LINE;
    }
    const part = `<g class="workload">${entry.sample(x, y)}${text(x + entry.room, y + 4, 'legend', entry.text)}</g>`;
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
