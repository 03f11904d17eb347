import type { WorkloadBox } from './picture';
import { rectangle } from './svg-text';

/** A row of squares, one a pod: filled for those that are always there, empty for those that may be added. */
export interface PodRow {
  readonly width: number;
  readonly draw: (x: number, y: number) => string;
}

const POD = 10;
const GAP = 3;
const PADDING = 3;
export const POD_ROW_HEIGHT = POD + 2 * PADDING;
/** Zones that are drawn: how many a cluster has, manifests do not say. */
const ZONES = 3;
/** More could not be told apart. */
const MOST = 18;

/** Pods in zones where something spreads them over zones; else side by side. */
export function podRow({ pods: { min, max }, zones }: Pick<WorkloadBox, 'pods' | 'zones'>): PodRow {
  const shown = Math.min(Math.max(min, max ?? min), MOST);
  const isSpread = zones !== 'none' && shown > 1;
  const groupCount = isSpread ? ZONES : 1;
  const groups = Array.from({ length: groupCount }, (_, group) =>
    Array.from({ length: shown }, (_pod, index) => index).filter((index) => index % groupCount === group),
  );
  const widths = groups.map(({ length }) => Math.max(1, length) * (POD + GAP) - GAP + 2 * PADDING);
  return {
    width: widths.reduce((sum, width) => sum + width + 4, -4),
    draw: (x, y) => {
      let left = x;
      return groups
        .map((pods, group) => {
          const width = widths[group] ?? 0;
          const frame = isSpread ? rectangle(left, y, width, POD_ROW_HEIGHT, 4, `zone ${zones}`) : '';
          const squares = pods.map((pod, place) =>
            rectangle(
              left + PADDING + place * (POD + GAP),
              y + PADDING,
              POD,
              POD,
              2.5,
              pod < min ? 'pod' : 'pod more',
            ),
          );
          left += width + 4;
          return frame + squares.join('');
        })
        .join('');
    },
  };
}

/** `3 pods`, `3–8 pods`, `one a node`. */
export function podText({ pods: { min, max }, kind }: Pick<WorkloadBox, 'pods' | 'kind'>): string {
  if (kind.startsWith('DaemonSet')) return 'one a node';
  if (max === null) return `${min} pods or more`;
  if (min !== max) return `${min}–${max} pods`;
  return min === 1 ? '1 pod' : `${min} pods`;
}
