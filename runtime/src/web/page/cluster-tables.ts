import type { CacheState, ClusterState, EventState, IntegrityState, NodeState } from './cluster-state.js';
import { bytes, happening, many, span } from './cluster-words.js';
import { element } from './dom.js';

type Tone = 'good' | 'caution' | 'bad' | 'quiet';

const TONES: Readonly<Record<string, Tone>> = {
  healthy: 'good',
  ready: 'good',
  whole: 'good',
  suspected: 'caution',
  draining: 'caution',
  loading: 'caution',
  incomplete: 'caution',
  dead: 'bad',
  failed: 'bad',
  quarantined: 'bad',
  damaged: 'bad',
  unreachable: 'bad',
};

/** Of a cache where no Redis is configured. */
const LOCAL = 'local';

/** What is to be seen at a glance. */
export function summary({ nodes, leader, epoch, caches }: ClusterState): HTMLElement[] {
  const there = nodes.filter(({ status }) => status !== 'left');
  const healthy = there.filter(({ status }) => status === 'healthy').length;
  const sum = (key: 'running' | 'queued' | 'sequences') =>
    there.filter(({ status }) => isThere(status)).reduce((total, { load }) => total + load[key], 0);
  const redis = Object.values(caches ?? {}).flatMap(({ type, redis_available }) =>
    type === LOCAL ? [] : [redis_available],
  );
  return [
    tile('Nodes', `${healthy} of ${there.length}`, 'healthy', healthy < there.length),
    tile('Leader', leader ?? 'none', `epoch ${epoch}`, leader === undefined),
    tile('Streams', String(sum('running')), `of ${sum('sequences')} at once`),
    tile('Waiting', String(sum('queued')), 'for a sequence'),
    ...(redis.length > 0
      ? [tile('Redis', redis.every(Boolean) ? 'there' : 'away', 'for the cache', !redis.every(Boolean))]
      : []),
  ];
}

export function nodesTable(
  { nodes, leader, mayAct }: ClusterState,
  leave: (node: string, button: HTMLButtonElement) => void,
): HTMLElement {
  const heads = ['Node', 'Status', 'Streams', 'Waiting', 'Models', 'Role', 'Up for', 'Version'];
  const rows = nodes.map((node) => {
    const { id, status, load, models, role, zone, startedAt, version } = node;
    const cells = [
      element('td', {}, pill(status)),
      element('td', {}, ...loadBar(node)),
      element('td', { class: 'number' }, String(load.queued)),
      element('td', {}, modelsOf(models)),
      element('td', { class: 'quiet' }, zone === undefined ? role : `${role}, ${zone}`),
      element(
        'td',
        { class: 'quiet' },
        isThere(status) ? span((Date.now() - Date.parse(startedAt)) / 1000) : '–',
      ),
      element('td', { class: 'quiet' }, version),
    ];
    if (mayAct) cells.push(element('td', {}, ...leaveButton(node, leave)));
    const name = element('th', { scope: 'row' }, id);
    if (id === leader) name.append(element('span', { class: 'leader' }, 'leads'));
    return element('tr', {}, name, ...cells);
  });
  return table(mayAct ? [...heads, 'Action'] : heads, rows, 'Nodes of the cluster');
}

export function modelsTable({ nodes }: ClusterState): HTMLElement {
  const ids = [...new Set(nodes.flatMap(({ models }) => models.map(({ id }) => id)))].sort();
  const rows = ids.map((id) => {
    const instances = nodes
      .filter(({ status }) => isThere(status))
      .flatMap(({ id: node, models }) =>
        models.filter((model) => model.id === id).map((model) => ({ node, ...model })),
      );
    const ready = instances.filter(({ state, enabled }) => state === 'ready' && enabled).length;
    const sum = (key: 'running' | 'queued') =>
      instances.reduce((total, { load }) => total + (load?.[key] ?? 0), 0);
    const others = instances.filter(({ state, enabled }) => state !== 'ready' || !enabled);
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, id),
      element('td', {}, `${ready} of ${many(instances.length, 'node')}`),
      element('td', {}, String(sum('running'))),
      element('td', { class: 'number' }, String(sum('queued'))),
      element(
        'td',
        {},
        ...others.map(({ node, state, enabled, reason }) =>
          pill(enabled ? state : 'disabled', `${node} ${enabled ? state : 'disabled'}`, reason),
        ),
      ),
    );
  });
  return table(['Model', 'Ready on', 'Streams', 'Waiting', 'Not ready'], rows, 'Models of the cluster');
}

export function integrityOf({ status, nodes, readBytes, totalBytes, differences }: IntegrityState): Node[] {
  if (status === 'never') return [element('p', { class: 'quiet' }, 'Nobody has looked yet.')];
  if (status === 'running') {
    const share = totalBytes === 0 ? 0 : readBytes / totalBytes;
    return [
      element('progress', { max: '1', value: String(share), 'aria-label': 'Files read' }),
      element('p', { class: 'quiet' }, `${bytes(readBytes)} of ${bytes(totalBytes)} read`),
    ];
  }
  const unsure = nodes.filter(({ status: each }) => each !== 'whole' && each !== 'damaged');
  const words: Record<string, string> = {
    whole: `All files are what they should be, on ${many(nodes.length, 'node')}.`,
    damaged: `${many(differences.length, 'file')} not as it should be:`,
    incomplete: 'Not all nodes have checked.',
  };
  return [
    element('p', {}, pill(status), ` ${words[status] ?? ''}`),
    ...differences.flatMap(({ model, path, found }) =>
      found.map(({ sha256, nodes: where }) =>
        element(
          'p',
          {},
          `${model}: ${path} `,
          element('span', { class: 'quiet' }, `${sha256?.slice(0, 12) ?? 'missing'} on ${where.join(', ')}`),
        ),
      ),
    ),
    ...unsure.map(({ node, status: each, reason }) =>
      element('p', { class: 'quiet' }, `${node}: ${each}${reason === undefined ? '' : ` (${reason})`}`),
    ),
  ];
}

export function cacheTable(caches: Readonly<Record<string, CacheState>>): HTMLElement {
  const rows = Object.entries(caches).map(([name, cache]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name.replace(/_cache$/, '').replaceAll('_', ' ')),
      element('td', {}, cache.type),
      element('td', { class: 'number' }, String(cache.local_size)),
      element('td', { class: 'number' }, String(cache.redis_size ?? '–')),
      element('td', {}, redisOf(cache)),
      element('td', { class: 'number' }, String(cache.event_queue_size)),
    ),
  );
  return table(
    ['Cache', 'Kind', 'Here', 'In Redis', 'Redis', 'To be told'],
    rows,
    'Caches of the node that answered',
  );
}

function redisOf({ type, redis_available }: CacheState): HTMLElement | string {
  if (type === LOCAL) return '–';
  return redis_available ? pill('ready', 'there') : pill('failed', 'away');
}

export function eventItems(events: readonly EventState[]): HTMLElement[] {
  if (events.length === 0) return [element('li', { class: 'quiet' }, 'Nothing has happened yet.')];
  return events.map(({ at, type, node, details }) => {
    const time = new Date(at);
    return element(
      'li',
      {},
      element('time', { datetime: at, title: time.toLocaleString() }, time.toLocaleTimeString()),
      element('span', { class: 'node' }, node),
      element('span', { class: 'what' }, happening(type, details)),
    );
  });
}

function tile(name: string, value: string, more: string, alarm = false): HTMLElement {
  return element(
    'div',
    {},
    element('dt', {}, name),
    element('dd', alarm ? { class: 'alarm' } : {}, value, element('small', {}, more)),
  );
}

function table(heads: readonly string[], rows: readonly HTMLElement[], caption: string): HTMLElement {
  const numbers = new Set(['Waiting', 'Here', 'In Redis', 'To be told']);
  return element(
    'table',
    { 'aria-label': caption },
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...heads.map((head) =>
          element('th', { scope: 'col', class: numbers.has(head) ? 'number' : undefined }, head),
        ),
      ),
    ),
    element('tbody', {}, ...rows),
  );
}

function pill(state: string, text = state, title?: string): HTMLElement {
  return element('span', { class: `pill ${TONES[state] ?? 'quiet'}`, title }, text);
}

function loadBar({ id, status, load }: NodeState): (Node | string)[] {
  if (!isThere(status)) return ['–'];
  const meter = element('meter', {
    max: String(Math.max(1, load.sequences)),
    value: String(load.running),
    'aria-label': `Streams of ${id}`,
  });
  return [meter, `${load.running} of ${load.sequences}`];
}

function modelsOf(models: NodeState['models']): string {
  const ready = models.filter(({ state, enabled }) => state === 'ready' && enabled).length;
  return ready === models.length ? String(ready) : `${ready} of ${models.length}`;
}

function leaveButton(
  { id, status }: NodeState,
  leave: (node: string, button: HTMLButtonElement) => void,
): Node[] {
  if (status !== 'healthy') return [];
  const button = element('button', { type: 'button', 'data-node': id }, 'Take out');
  button.addEventListener('click', () => leave(id, button));
  return [button];
}

function isThere(status: string): boolean {
  return status !== 'left' && status !== 'dead';
}
