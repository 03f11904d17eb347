import type { ElkExtendedEdge, ElkNode, ElkPoint } from 'elkjs';
import { type Card, cardOf } from './card';
import type { Arrow, Picture } from './picture';
import { textWidth } from './text-width';

/** A box, frame or label in its place. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What finds the places: `elkjs`. */
export interface LayoutEngine {
  layout(graph: ElkNode): Promise<ElkNode>;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly cards: readonly (Placed & { readonly card: Card })[];
  readonly frames: readonly (Placed & { readonly namespace: string })[];
  readonly lines: readonly {
    readonly arrow: Arrow;
    readonly points: readonly ElkPoint[];
    readonly label: Placed | undefined;
  }[];
}

const LABEL_SIZE = 11;
const LABEL_HEIGHT = 16;
const LEANING = 3;

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=8,left=8,bottom=8,right=8]',
  'elk.spacing.nodeNode': '36',
  'elk.spacing.edgeNode': '22',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.componentComponent': '40',
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.nodePlacement.favorStraightEdges': 'true',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.crossingMinimization.semiInteractive': 'false',
  'elk.layered.edgeLabels.sideSelection': 'ALWAYS_DOWN',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.thoroughness': '20',
  'elk.randomSeed': '1',
};

const FRAME = { 'elk.padding': '[top=42,left=20,bottom=22,right=22]' };

/** Boxes without arrows stand in a block of their own, instead of one endless row. */
const BLOCK = {
  'elk.layered.layering.layerConstraint': 'LAST',
  'elk.algorithm': 'rectpacking',
  'elk.hierarchyHandling': 'SEPARATE_CHILDREN',
  'elk.aspectRatio': '1.8',
  'elk.spacing.nodeNode': '24',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
};

/** Finds a place for everything. The same picture always gets the same. */
export async function layoutOf(picture: Picture, engine: LayoutEngine): Promise<Layout> {
  const cards = new Map(picture.boxes.map((box) => [box.id, cardOf(box)]));
  const joined = new Set(picture.arrows.flatMap(({ from, to }) => [from, to]));
  const nodesOf = (namespace: string | undefined): ElkNode[] => {
    const own = picture.boxes.filter((box) => box.namespace === namespace);
    const node = ({ id }: { readonly id: string }): ElkNode => {
      const { width = 0, height = 0 } = cards.get(id) ?? {};
      return { id, width, height };
    };
    const alone = own.filter(({ id }) => !joined.has(id));
    const block: ElkNode = {
      id: `block ${namespace ?? ''}`,
      layoutOptions: BLOCK,
      children: alone.map(node),
    };
    return [...own.filter(({ id }) => joined.has(id)).map(node), ...(alone.length > 0 ? [block] : [])];
  };
  const senders = new Set(picture.arrows.map(({ from }) => from));
  const outside = nodesOf(undefined);
  const root: ElkNode = {
    id: 'root',
    layoutOptions: OPTIONS,
    children: [
      // Who sends stands above, who only receives below.
      ...outside.filter(({ id }) => senders.has(id)),
      ...picture.namespaces.map((namespace) => ({
        id: `namespace ${namespace}`,
        layoutOptions: FRAME,
        children: nodesOf(namespace),
      })),
      ...outside.filter(({ id }) => !senders.has(id)),
    ],
    edges: picture.arrows.map(({ from, to, label }, index) => ({
      id: `arrow ${index}`,
      sources: [from],
      targets: [to],
      labels:
        label === ''
          ? []
          : [
              {
                id: `label ${index}`,
                text: label,
                width: Math.ceil(textWidth(label, LABEL_SIZE)) + 10,
                height: LABEL_HEIGHT,
                layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
              },
            ],
    })),
  };
  return placed(await engine.layout(root), picture, cards);
}

function placed(root: ElkNode, picture: Picture, cards: ReadonlyMap<string, Card>): Layout {
  const nodes = new Map(all(root).map((node) => [node.id, node]));
  const place = (id: string): Placed => {
    const { x = 0, y = 0, width = 0, height = 0 } = nodes.get(id) ?? {};
    return { x, y, width, height };
  };
  const edges = new Map(
    all(root).flatMap(({ edges: own = [] }) => own.map((edge) => [edge.id, edge] as const)),
  );
  return {
    width: root.width ?? 0,
    height: root.height ?? 0,
    cards: [...cards].map(([id, card]) => ({ ...place(id), card })),
    frames: picture.namespaces.map((namespace) => ({ ...place(`namespace ${namespace}`), namespace })),
    lines: picture.arrows.flatMap((arrow, index) => {
      const edge = edges.get(`arrow ${index}`);
      return edge ? [{ arrow, ...lineOf(edge) }] : [];
    }),
  };
}

function lineOf({ sections = [], labels = [] }: ElkExtendedEdge) {
  const points = upright(
    sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]),
  );
  const [label] = labels;
  const { x = 0, y = 0, width = 0, height = 0 } = label ?? {};
  return { points, label: label && { x, y, width, height } };
}

/** Lines that lean by less than anybody would mean are set upright, or level. */
function upright(points: readonly ElkPoint[]): ElkPoint[] {
  const straight: ElkPoint[] = [];
  for (const point of points) {
    const { x, y } = straight.at(-1) ?? point;
    straight.push({
      x: Math.abs(point.x - x) < LEANING ? x : point.x,
      y: Math.abs(point.y - y) < LEANING ? y : point.y,
    });
  }
  return straight;
}

function all(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(all)];
}
