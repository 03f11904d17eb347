/** Units as Grafana calls them. */
type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'reqps' | 'ops' | 'none';

/** One query of a panel. */
export interface Query {
  readonly expr: string;
  /** Name of each line, with labels as `{{pod}}`. */
  readonly legend: string;
}

/** One picture of a row. */
export interface Panel {
  readonly kind: 'timeseries' | 'stat';
  readonly title: string;
  /** What a good value is, and what a bad one means. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** From where on a stat is red: at or above it, or below it. @default never */
  readonly red?: { readonly from: number } | { readonly below: number };
}

/** Panels side by side, under a heading. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

type Kept = Pick<Panel, 'title' | 'description' | 'unit'> & { readonly queries: readonly Query[] };

/** Lines over time. */
export const timeSeries = (panel: Kept): Panel => ({ kind: 'timeseries', ...panel });

/** One number, green or red. */
export const stat = (panel: Kept & Pick<Panel, 'red'>): Panel => ({ kind: 'stat', ...panel });

export const query = (legend: string, expr: string): Query => ({ legend, expr });
