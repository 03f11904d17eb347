import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newLayout } from '../../../apps/layout-library';
import { type Box, type Picture, pictureOf, svgOf } from '../../../constructs/graph';
import { layoutOf, type Placed } from '../../../constructs/graph/layout';
import { fitted, textWidth } from '../../../constructs/graph/text-width';
import { topologyObjects } from '../../../stacks/plan/topology-objects';
import { readTopologyFile } from '../../../stacks/topology';
import fc from '../../support/fuzz';

const layout = newLayout();
const TOPOLOGIES = join(__dirname, '../../../examples/topologies');

function topologyPicture(name: string): Picture {
  const [topology] = readTopologyFile(join(TOPOLOGIES, `${name}.yaml`));
  if (!topology) throw new Error(`${name} holds no topology`);
  return pictureOf(topologyObjects(topology, {}), topology.name);
}

/** Tags open and close in order, and nothing stands where XML forbids it. */
function wellFormed(xml: string): boolean {
  const open: string[] = [];
  const rest = xml.replace(
    /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_tag, end, name, _attributes, alone) => {
      if (alone) return '';
      if (!end) open.push(name);
      else if (open.pop() !== name) open.push('wrong');
      return '';
    },
  );
  return open.length === 0 && !/[<]|&(?!amp;|lt;|gt;|quot;)/.test(rest);
}

const overlaps = (one: Placed, other: Placed) =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

const NAMES = ['flagship', 'local', 'aws-keda-roles', 'aws-two-nodes'];
/** Laying a system out takes a while on a busy machine. */
const SECONDS = 1000;

describe.each(NAMES)('the topology %s', (name) => {
  const picture = topologyPicture(name);
  let placed: Awaited<ReturnType<typeof layoutOf>>;
  beforeAll(async () => {
    placed = await layoutOf(picture, layout);
  }, 60 * SECONDS);

  test(
    'is drawn as the same bytes each time, well-formed, with a title and a description',
    async () => {
      const svg = await svgOf(picture, layout);
      expect(await svgOf(picture, layout)).toBe(svg);
      expect(wellFormed(svg)).toBe(true);
      expect(svg).toContain('role="img" aria-labelledby="title description"');
      expect(svg).toContain(`<title id="title">${picture.title}</title>`);
      expect(svg).toContain('@media (prefers-color-scheme:dark)');
    },
    60 * SECONDS,
  );

  test('has no two boxes or labels on each other, and every box of a namespace inside its frame', () => {
    const { cards, lines, frames } = placed;
    const labels = lines.flatMap(({ label }) => label ?? []);
    const things = [...cards, ...labels];
    for (const [index, one] of things.entries())
      for (const other of things.slice(index + 1)) expect(overlaps(one, other)).toBe(false);
    for (const { card, x, y, width, height } of cards) {
      const frame = frames.find(({ namespace }) => namespace === card.box.namespace);
      if (!frame) continue;
      expect(x).toBeGreaterThan(frame.x);
      expect(y).toBeGreaterThan(frame.y);
      expect(x + width).toBeLessThan(frame.x + frame.width);
      expect(y + height).toBeLessThan(frame.y + frame.height);
    }
  });

  test('draws every arrow from the edge of one box to the edge of another', () => {
    const { cards, lines } = placed;
    expect(lines).toHaveLength(picture.arrows.length);
    const near = (id: string, point: { readonly x: number; readonly y: number } | undefined) => {
      const card = cards.find((one) => one.card.box.id === id);
      if (!card || !point) return false;
      return overlaps(
        { x: card.x - 3, y: card.y - 3, width: card.width + 6, height: card.height + 6 },
        { ...point, width: 0.1, height: 0.1 },
      );
    };
    for (const { arrow, points } of lines) {
      expect(near(arrow.from, points[0])).toBe(true);
      expect(near(arrow.to, points.at(-1))).toBe(true);
    }
  });
});

test('the picture in docs is that of the flagship: npm run graph refreshes it', async () => {
  const committed = readFileSync(join(__dirname, '../../../docs/images/flagship.svg'), 'utf8');
  expect(committed).toBe(await svgOf(topologyPicture('flagship'), layout));
});

test('names of any kind and length give a well-formed file', async () => {
  const name = fc.string({ unit: 'binary', maxLength: 80 });
  const box = (id: string, text: string): Box => ({
    type: 'workload',
    id,
    name: text,
    namespace: 'a<b>&"c"',
    kind: 'Deployment',
    server: undefined,
    pods: { min: 1, max: 400 },
    request: text,
    zones: 'required',
    nodes: 'none',
    isolation: { ingress: true, egress: false },
    chips: [text],
    facts: [text],
  });
  await fc.assert(
    fc.asyncProperty(name, name, async (one, other) => {
      const picture: Picture = {
        title: one,
        description: other,
        namespaces: ['a<b>&"c"'],
        boxes: [box('1', one), box('2', other)],
        arrows: [{ from: '1', to: '2', style: 'allowed', label: other, isMutual: true }],
      };
      // Where boxes stand does not matter here.
      expect(wellFormed(await svgOf(picture, { layout: async (graph) => graph }))).toBe(true);
    }),
  );
});

test('a text that is too long keeps both of its ends', () => {
  const host = 'master.chat-cache.abc123.use1.cache.amazonaws.com';
  const short = fitted(host, 12, 200);
  expect(textWidth(short, 12)).toBeLessThanOrEqual(200);
  expect(short).toMatch(/^master.*….*amazonaws\.com$/);
  expect(fitted('chat', 12, 200)).toBe('chat');
});

test('a hundred workloads without any arrow stand in a block, not in a row', async () => {
  const boxes = Array.from(
    { length: 100 },
    (_, index): Box => ({
      type: 'storage',
      id: String(index),
      name: `claim-${index}`,
      namespace: 'a',
      isShared: true,
      facts: ['1 GiB'],
    }),
  );
  const picture: Picture = { title: 'a', description: 'a', namespaces: ['a'], boxes, arrows: [] };
  const { width, height } = await layoutOf(picture, layout);
  expect(width / height).toBeLessThan(4);
  expect(height / width).toBeLessThan(4);
});
