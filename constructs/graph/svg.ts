import { type Layout, type LayoutEngine, layoutOf } from './layout';
import { type Legend, legendOf } from './legend';
import { arrowHeads, linePath } from './lines';
import type { Picture } from './picture';
import { STYLE } from './style';
import { escaped, figure, rectangle, text } from './svg-text';

const MARGIN = 20;
const TITLE_HEIGHT = 48;
/** A legend needs so much room, however small the system. */
const LEAST_WIDTH = 640;

/**
 * A picture as an SVG file: light or dark as the reader prefers, with title and description for screen readers, and the
 * same bytes for the same picture.
 */
export async function svgOf(picture: Picture, engine: LayoutEngine): Promise<string> {
  const layout = await layoutOf(picture, engine);
  const width = Math.ceil(Math.max(layout.width, LEAST_WIDTH) + 2 * MARGIN);
  const legend = legendOf(picture, width - 2 * MARGIN);
  const height = Math.ceil(MARGIN + TITLE_HEIGHT + layout.height + 16 + legend.height + MARGIN);
  const left = (width - layout.width) / 2;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(picture.title)}</title>`,
    `<desc id="description">${escaped(picture.description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<defs>${arrowHeads()}</defs>`,
    rectangle(0, 0, width, height, 14, 'paper'),
    text(MARGIN + 6, MARGIN + 20, 'title', picture.title),
    text(MARGIN + 6, MARGIN + 38, 'subtitle', summaryOf(picture)),
    `<g transform="translate(${figure(left)} ${MARGIN + TITLE_HEIGHT})">`,
    ...drawing(layout),
    '</g>',
    legendAt(legend, MARGIN + 6, MARGIN + TITLE_HEIGHT + layout.height + 16),
    '</svg>',
  ].join('\n')}\n`;
}

function drawing({ frames, lines, cards }: Layout): string[] {
  return [
    ...frames.map(({ x, y, width, height }) => rectangle(x, y, width, height, 14, 'frame')),
    ...lines.map(({ arrow, points }) => linePath(arrow, points)),
    ...frames.map(({ x, y, namespace }) => text(x + 18, y + 25, 'frame-name', `namespace ${namespace}`)),
    ...cards.map(({ card, x, y }) => card.draw(x, y)),
    ...lines.flatMap(({ arrow, label }) =>
      label
        ? [
            rectangle(label.x, label.y, label.width, label.height, 8, `label ${arrow.style}`),
            `<text x="${figure(label.x + label.width / 2)}" y="${figure(label.y + 11.8)}" text-anchor="middle" class="label-text ${arrow.style}">${escaped(arrow.label)}</text>`,
          ]
        : [],
    ),
  ];
}

function legendAt({ draw }: Legend, x: number, y: number): string {
  return `<g transform="translate(${figure(x)} ${figure(y)})">${draw}</g>`;
}

function summaryOf({ boxes, namespaces }: Picture): string {
  const workloads = boxes.flatMap((box) => (box.type === 'workload' ? [box] : []));
  const least = workloads.reduce((sum, { pods }) => sum + pods.min, 0);
  const most = workloads.reduce((sum, { pods }) => sum + (pods.max ?? pods.min), 0);
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  return [
    count(workloads.length, 'workload'),
    least === most ? count(least, 'pod') : `${least} to ${most} pods`,
    count(namespaces.length, 'namespace'),
  ].join(' · ');
}
