import { contentHash } from '../../../contracts';
import type { Panel, Row } from './panels';

/** Grafana lays panels on a grid of so many columns. */
const COLUMNS = 24;
const HEIGHT = { stat: 4, timeseries: 8 } as const;
const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** The JSON of a dashboard for Grafana 10 and later, as its provisioning and its sidecar read it. */
export function dashboard(title: string, rows: readonly Row[]) {
  let id = 0;
  let y = 0;
  const panels = rows.flatMap((row) => {
    const top = y;
    y += 1;
    const heading = {
      id: ++id,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y: top, w: COLUMNS, h: 1 },
      panels: [],
    };
    const width = Math.floor(COLUMNS / row.panels.length);
    const height = Math.max(...row.panels.map(({ kind }) => HEIGHT[kind]));
    const placed = row.panels.map((panel, index) => ({
      id: ++id,
      gridPos: { x: index * width, y, w: width, h: height },
      ...panelJson(panel),
    }));
    y += height;
    return [heading, ...placed];
  });
  return {
    uid: `polypod-${contentHash(title).slice(0, 12)}`,
    title,
    tags: ['polypod'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', refresh: 1 },
      ],
    },
    panels,
  };
}

function panelJson({ kind, title, description, unit, queries, red }: Panel) {
  return {
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(kind === 'stat' && { instant: true }),
    })),
    fieldConfig: {
      defaults: { unit, min: 0, ...(red && { thresholds: { mode: 'absolute', steps: steps(red) } }) },
      overrides: [],
    },
    options:
      kind === 'stat'
        ? {
            reduceOptions: { calcs: ['lastNotNull'] },
            colorMode: red ? 'background' : 'value',
            graphMode: 'none',
          }
        : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}

function steps(red: NonNullable<Panel['red']>) {
  return 'from' in red
    ? [
        { color: 'green', value: null },
        { color: 'red', value: red.from },
      ]
    : [
        { color: 'red', value: null },
        { color: 'green', value: red.below },
      ];
}
