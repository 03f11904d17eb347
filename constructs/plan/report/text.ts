import { styleText } from 'node:util';
import type { LossPlan } from '../losses';
import type { Plan } from '../plan';
import type { StartPlan } from '../start';
import type { Total } from '../workloads';
import { binary, decimal, rate, short, time, whole } from './figures';
import { type Align, table, WIDTH, wrap } from './table';

/** What a foundation makes: part, what, and what is billed. */
interface Created {
  readonly part: string;
  readonly what: string;
  readonly billedBy: string;
}

export interface PlanTextOptions {
  /** Whether to write colours. @default false */
  readonly colour?: boolean;
  /** What the plan is of: `chat (chat.yaml)`. */
  readonly title: string;
  /** What a cloud's foundation makes. @default nothing */
  readonly created?: { readonly on: string; readonly items: readonly Created[] };
}

/** A plan for people: one section for each question, figures aligned, what needs looking at first. */
export function planText(plan: Plan, { title, created, colour = false }: PlanTextOptions): string {
  const bold = (text: string) => (colour ? styleText('bold', text, { validateStream: false }) : text);
  const red = (text: string) => (colour ? styleText('red', text, { validateStream: false }) : text);
  const sections: Section[] = [
    pods(plan),
    storage(plan),
    connections(plan),
    cacheMemory(plan),
    ...plan.starts.map(start),
    scaleOut(plan),
    losses(plan),
    createdBy(created),
  ];
  const attention = plan.attention.map(({ severity, text }) => [
    severity === 'refused' ? red('✗') : '!',
    text,
  ]);
  const parts = [
    bold(title),
    ...(attention.length > 0 ? [[...table(attention, ['left', 'left'])].join('\n')] : []),
    ...sections
      .filter(({ lines }) => lines.length > 0)
      .map(({ heading, lines }) => [bold(heading), ...lines].join('\n')),
  ];
  return `${parts.join('\n\n')}\n`;
}

interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}

const FIGURES: readonly Align[] = ['left', 'right', 'right', 'left'];

function pods({ workloads, totals, tasks }: Plan): Section {
  const each = workloads.map(
    ({ kind, name, role, pods: { min, max, scaledBy, surge }, perPod, evictable }) => {
      const devices = Object.entries(perPod.devices).map(([device, count]) => `${count} ${device}`);
      const notes = [
        [`${short(perPod.cpu)} CPU`, binary(perPod.memory), ...devices].join(', '),
        scaledBy,
        surge > 0 ? `${surge} more during an update` : null,
        evictable === null ? null : `a drain takes ${evictable}`,
      ].filter((note) => note !== null);
      return [
        `${kind}/${name}${role === null ? '' : ` ${role}`}`,
        String(min),
        kind === 'DaemonSet' ? 'a node' : String(max ?? 'any'),
        notes.join('; '),
      ];
    },
  );
  const devices = [...new Set(workloads.flatMap(({ perPod }) => Object.keys(perPod.devices)))];
  const total = (label: string, figure: (total: Total) => string) => [
    label,
    figure(totals.min),
    totals.max === null ? '?' : figure(totals.max),
    totals.update && totals.max && totals.update.pods > totals.max.pods
      ? `${figure(totals.update)} during an update`
      : '',
  ];
  const rows = [
    ['', 'least', 'most', ''],
    ...each,
    total('pods', (one) => whole(one.pods)),
    total('CPU', (one) => short(one.cpu)),
    total('memory', (one) => binary(one.memory)),
    ...devices.map((device) => total(device, (one) => whole(one.devices[device] ?? 0))),
    ...tasks.map(({ kind, name, perPod }) => [
      `${kind}/${name}`,
      '',
      '',
      `runs and ends: ${short(perPod.cpu)} CPU, ${binary(perPod.memory)} a pod`,
    ]),
  ];
  return { heading: 'Pods, and what they request', lines: workloads.length > 0 ? table(rows, FIGURES) : [] };
}

function storage({ storage: claims }: Plan): Section {
  const rows = claims.map(({ name, bytes, count, accessModes, className, provisioner, mountedBy }) => [
    name,
    bytes === null ? '?' : binary(bytes),
    count.min === count.max
      ? count.min > 1
        ? `× ${count.min}`
        : ''
      : `× ${count.min} to ${count.max ?? 'any'}`,
    accessModes.join(', '),
    [
      `${className ?? 'the default class'}${provisioner === null ? '' : ` (${provisioner})`}`,
      ...mountedBy,
    ].join('; '),
  ]);
  return { heading: 'Storage', lines: table(rows, ['left', 'right', 'left', 'left', 'left']) };
}

function connections({ connections: servers }: Plan): Section {
  const rows = servers.map(({ product, host, needed, granted, clients }) => [
    `${product} ${host}`,
    whole(needed),
    granted === null ? '?' : whole(granted),
    clients.map(({ workload, pods: count, pool }) => `${count} × ${pool} ${workload}`).join(', '),
  ]);
  const lines = rows.length > 0 ? table([['', 'most', 'granted', ''], ...rows], FIGURES) : [];
  return { heading: 'Connections', lines };
}

function cacheMemory({ cacheMemory: cache }: Plan): Section {
  const heading = 'Memory of the cache';
  if (cache === null || (cache.memory === null && cache.needed === null)) return { heading, lines: [] };
  const { memory, sessions, needed, holds } = cache;
  const rows = [
    ...(memory === null || holds === null
      ? []
      : [[binary(memory), `holds about ${whole(holds)} sessions: 50 MB, and 2 KB each`]]),
    ...(needed === null
      ? []
      : [
          [
            decimal(needed),
            `is what ${whole(sessions ?? 0)} sessions and ${whole(cache.settings)} settings take`,
          ],
        ]),
  ];
  return { heading, lines: table(rows, ['right', 'left']) };
}

function start(plan: StartPlan): Section {
  const {
    workload,
    modelBytes,
    storage: { perClient, aggregate, source },
    engineSeconds,
    patience,
  } = plan;
  const speed = `${rate(perClient)} for one pod${aggregate === null ? '' : `, ${rate(aggregate)} for all`} (${source})`;
  const slowest = plan.starts.at(-1);
  const rows = [
    ['storage', '', speed],
    ...distinctStarts(plan).map(({ pods: count, readSeconds, seconds }) => [
      count === 1 ? '1 pod' : `up to ${count} at once`,
      time(seconds),
      `${time(readSeconds)} of reading${engineSeconds > 0 ? `, ${time(engineSeconds)} of the engine's own` : ''}`,
    ]),
    ...(plan.bottleneckFrom === null
      ? []
      : [
          [
            'bottleneck',
            '',
            `is the storage and no longer each pod's own link, from ${whole(plan.bottleneckFrom)} pods at once on`,
          ],
        ]),
    patience === null
      ? ['no probe', '', 'ends a start that hangs']
      : [
          'probe',
          time(patience),
          `${short(patience / (slowest?.seconds ?? 1))} × what ${slowest?.pods ?? 1} at once take${plan.mostAtOnce === null ? '' : `; it suffices for ${whole(plan.mostAtOnce)} at once`}`,
        ],
    [
      'very first',
      time(plan.downloadSeconds),
      'more at 1 Gbit/s: one pod downloads the models, the others wait',
    ],
  ];
  return {
    heading: `Start of ${workload}: ${decimal(modelBytes)} of models`,
    lines: table(rows, ['left', 'right', 'left']),
  };
}

/** Only the most pods of those that take as long. */
function distinctStarts({ starts }: StartPlan): StartPlan['starts'] {
  return starts.filter(
    ({ seconds }, index) => Math.round(seconds) !== Math.round(starts[index + 1]?.seconds ?? -1),
  );
}

function scaleOut({ scaleOuts }: Plan): Section {
  const rows = scaleOuts.map(({ workload, from, to, askedAfter, servesAfter }) => [
    workload,
    `${from} to ${to}`,
    askedAfter === null || servesAfter === null ? 'never' : time(servesAfter),
    askedAfter === null
      ? 'it may not scale up'
      : `the last pod is asked for after ${time(askedAfter)}; nodes that must be added come on top`,
  ]);
  return {
    heading: 'Scale-out, when the load rises at once',
    lines: table(rows, ['left', 'right', 'right', 'left']),
  };
}

const LEFT = { kept: 'stays', usual: 'stays as a rule', none: 'is away', unknown: 'may stay' } as const;

function losses({ losses: all }: Plan): Section {
  const of = ({ lost, subject }: LossPlan) =>
    lost === 'node' || lost === 'zone' ? `a ${lost}` : `the ${lost}, ${subject}`;
  const lines = [...new Set(all.map(of))].flatMap((title) => [
    `  ${title}`,
    ...all
      .filter((loss) => of(loss) === title)
      .flatMap(lossText)
      .flatMap((text) =>
        wrap(text, WIDTH - 8).map((line, index) => `${index === 0 ? '    ' : '      '}${line}`),
      ),
  ]);
  return { heading: 'What is left after the loss of', lines };
}

function lossText({ lost, subject, pods, keeps, promise, text }: LossPlan): string {
  if (lost === 'cache' || lost === 'database') return text;
  if (keeps === null) return `${subject} ${LEFT[promise]}: ${text}`;
  return `${subject} keeps ${keeps} of ${pods}${promise === 'usual' ? ' as a rule' : ''}: ${text}`;
}

function createdBy(created: PlanTextOptions['created']): Section {
  const rows = (created?.items ?? []).map(({ part, what, billedBy }) => [part, what, billedBy]);
  return {
    heading: `Created on ${created?.on ?? ''}, and what the bill counts`,
    lines: table(rows, ['left', 'left', 'left']),
  };
}
