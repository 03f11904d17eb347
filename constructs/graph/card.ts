import { tile, toneOf } from './icons';
import type { Box, WorkloadBox } from './picture';
import { POD_ROW_HEIGHT, podRow, podText } from './pod-row';
import { escaped, rectangle, text } from './svg-text';
import { fitted, textWidth } from './text-width';

/** A box as it is drawn: its size, which the layout needs, and its picture at a place. */
export interface Card {
  readonly box: Box;
  readonly width: number;
  readonly height: number;
  readonly draw: (x: number, y: number) => string;
}

const PADDING = 14;
const TILE = 28;
const HEAD = 44;
const LINE = 17;
const CHIP = 18;
const NAME_SIZE = 14;
const SMALL_SIZE = 11.5;
const FACT_SIZE = 12;
const CHIP_SIZE = 11;
const WIDEST = 268;
const NARROWEST = 150;
/** By how much a second card shows behind the first. */
const STACK = 5;

interface Chip {
  readonly text: string;
  readonly tone: 'plain' | 'closed' | 'half' | 'open';
}

export function cardOf(box: Box): Card {
  const chips = box.type === 'workload' ? [...isolationChips(box), ...box.chips.map(plain)] : [];
  const row = box.type === 'workload' ? podRow(box) : undefined;
  const count = box.type === 'workload' ? podText(box) : '';
  const facts = [...(box.type === 'workload' ? [box.request] : []), ...box.facts];
  const wanted = Math.max(
    PADDING + TILE + 10 + textWidth(box.name, NAME_SIZE, true) + PADDING,
    PADDING + TILE + 10 + textWidth(subtitle(box), SMALL_SIZE) + PADDING,
    ...(row ? [2 * PADDING + row.width + 8 + textWidth(count, FACT_SIZE)] : []),
    ...facts.map((fact) => 2 * PADDING + textWidth(fact, FACT_SIZE)),
    ...chips.map((chip) => 2 * PADDING + chipWidth(chip)),
  );
  const width = Math.ceil(Math.min(WIDEST, Math.max(NARROWEST, wanted)));
  const room = width - 2 * PADDING;
  const chipLines = linesOf(chips, room);
  const isHeadOnly = facts.length === 0 && !row;
  const height =
    PADDING +
    HEAD -
    PADDING +
    (row ? POD_ROW_HEIGHT + 8 : 0) +
    facts.length * LINE +
    (chipLines.length > 0 ? 4 + chipLines.length * (CHIP + 4) : 0) +
    (isHeadOnly ? 8 : 10);

  const isStacked = box.type === 'workload' && box.pods.min > 1;
  const draw = (x: number, y: number): string => {
    const inner = x + PADDING;
    const textRoom = room - TILE - 10;
    let top = y + HEAD + 4;
    const parts = [
      ...(isStacked ? [rectangle(x + STACK, y + STACK, width, height, 10, 'card behind')] : []),
      rectangle(x, y, width, height, 10, 'card'),
      tile(inner, y + 12, box),
      text(inner + TILE + 10, y + 25, 'name', fitted(box.name, NAME_SIZE, textRoom, true)),
      text(inner + TILE + 10, y + 40, 'kind', fitted(subtitle(box), SMALL_SIZE, textRoom)),
    ];
    if (row) {
      parts.push(row.draw(inner, top));
      parts.push(text(inner + row.width + 8, top + 12, 'count', count));
      top += POD_ROW_HEIGHT + 8;
    }
    for (const fact of facts) {
      parts.push(text(inner, top + 11, 'fact', fitted(fact, FACT_SIZE, room)));
      top += LINE;
    }
    top += 4;
    for (const line of chipLines) {
      let left = inner;
      for (const chip of line) {
        const chipRoom = Math.min(chipWidth(chip), room);
        parts.push(rectangle(left, top, chipRoom, CHIP, 9, `chip ${chip.tone}`));
        parts.push(
          text(left + 8, top + 12.8, `chip-text ${chip.tone}`, fitted(chip.text, CHIP_SIZE, room - 16)),
        );
        left += chipRoom + 5;
      }
      top += CHIP + 4;
    }
    return `<g class="box ${toneOf(box)}"><title>${escaped(tooltip(box))}</title>${parts.join('')}</g>`;
  };
  const stack = isStacked ? STACK : 0;
  return { box, width: width + stack, height: height + stack, draw };
}

function subtitle(box: Box): string {
  switch (box.type) {
    case 'workload':
    case 'entrance':
      return box.kind;
    case 'storage':
      return box.isShared ? 'shared volume' : 'volume for one node';
    case 'outside':
      return {
        clients: 'outside',
        namespace: box.facts.length > 0 ? 'not in this input' : 'another namespace',
        addresses: 'outside',
        database: 'outside',
        cache: 'outside',
        broker: 'outside',
      }[box.what];
  }
}

/** Everything in full, for those who point at it. */
function tooltip(box: Box): string {
  return [
    `${subtitle(box)} ${box.name}`,
    ...(box.type === 'workload' ? [podText(box), box.request] : []),
    ...box.facts,
  ].join('\n');
}

function isolationChips({ isolation: { ingress, egress } }: WorkloadBox): Chip[] {
  if (ingress && egress) return [{ text: 'default deny', tone: 'closed' }];
  if (ingress) return [{ text: 'default deny inwards', tone: 'half' }];
  if (egress) return [{ text: 'default deny outwards', tone: 'half' }];
  return [{ text: 'no policy limits it', tone: 'open' }];
}

const plain = (chip: string): Chip => ({ text: chip, tone: 'plain' });

const chipWidth = (chip: Chip) => textWidth(chip.text, CHIP_SIZE) + 16;

function linesOf(chips: readonly Chip[], room: number): Chip[][] {
  const lines: Chip[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const chip of chips) {
    const width = chipWidth(chip);
    if (used + width > room) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push(chip);
    used += width + 5;
  }
  return lines;
}
