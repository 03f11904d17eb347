import type { Box } from './picture';

/** Pictures of what a box is, each in a square of 20 by 20, drawn with lines of the colour of their surroundings. */
const ICONS = {
  workload: '<path d="M10 3l6 3.4v7.2L10 17l-6-3.4V6.4z"/><path d="M4 6.4l6 3.4 6-3.4M10 9.8V17"/>',
  database:
    '<ellipse cx="10" cy="5.5" rx="6" ry="2.5"/><path d="M4 5.5v9c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5v-9"/><path d="M4 10c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5"/>',
  cache: '<path d="M11.2 2.8L4.6 11.4h4.2l-.9 5.8 6.6-8.7h-4.2z"/>',
  broker: '<path d="M3.5 5.5h13v9h-13z"/><path d="M3.5 6l6.5 5 6.5-5"/>',
  storage: '<path d="M3.5 12l2-7h9l2 7v4h-13z"/><path d="M3.5 12h13M13.5 14.2h.5"/>',
  entrance: '<path d="M3.5 10h10M9.5 6l4 4-4 4M16.5 4v12"/>',
  clients: '<circle cx="10" cy="6.5" r="3"/><path d="M4 16.5c.6-3.4 3-5 6-5s5.400 1.600 6 5"/>',
  namespace: '<rect x="3.500" y="3.500" width="13" height="13" rx="2.500" stroke-dasharray="2.500 2"/>',
  addresses:
    '<circle cx="10" cy="10" r="6.500"/><path d="M3.500 10h13M10 3.500c-3.600 4-3.600 9 0 13 3.600-4 3.600-9 0-13"/>',
} as const;

type IconName = keyof typeof ICONS;

function iconName(box: Box): IconName {
  switch (box.type) {
    case 'workload':
      return box.server ?? 'workload';
    case 'outside':
      return box.what;
    default:
      return box.type;
  }
}

/** What the colour of a box follows. */
export function toneOf(box: Box): string {
  const name = iconName(box);
  return name === 'clients' || name === 'namespace' || name === 'addresses' ? 'outside' : name;
}

/** A tile with the icon in it, 28 pixels wide. */
export function tile(x: number, y: number, box: Box): string {
  return `<g transform="translate(${x} ${y})"><rect width="28" height="28" rx="7" class="tile"/><g transform="translate(4 4)" class="icon">${ICONS[iconName(box)]}</g></g>`;
}
