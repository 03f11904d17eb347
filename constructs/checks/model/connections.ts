import {
  leadsTo,
  overflowStem,
  poolInUrl,
  poolName,
  serverOfPort,
  settingWords,
} from '../known/connection-pools';
import type { KubernetesObject } from '../kubernetes-object';
import type { Container } from './container';
import type { Service } from './service';
import type { Setting } from './settings';
import type { Target } from './targets';

const LIMIT_ANNOTATION = 'polypod.dev/max-connections';

/** How many connections a database or cache takes, and what says so. */
export interface ConnectionLimit {
  readonly limit: number;
  /** For messages: `max_connections of StatefulSet/db`. */
  readonly text: string;
}

/** The limit of what is behind a Service. `undefined`: nothing in the input says one. */
export function connectionLimit(service: Service): ConnectionLimit | undefined {
  const annotated = count(service.object.annotations[LIMIT_ANNOTATION]);
  if (annotated !== undefined)
    return { limit: annotated, text: `${LIMIT_ANNOTATION} of Service/${service.name}` };
  let limit = 0;
  let text: string | undefined;
  for (const { label, replicas, runningContainers } of service.workloads) {
    for (const { server, settings } of runningContainers) {
      if (!server?.connectionLimit) continue;
      const setting = settings.first(server.connectionLimit.settings);
      if (setting ? count(setting.value) === undefined : settings.unread.length > 0) return undefined;
      // Each pod takes as many: of several, a client reaches one or the other.
      limit +=
        (count(setting?.value) ?? server.connectionLimit.default) *
        (Number.isFinite(replicas.possible) ? Math.max(1, replicas.possible) : 1);
      text ??= setting ? `${setting.name} of ${label}` : `the default of ${server.name} in ${label}`;
    }
  }
  return text === undefined || limit === 0 ? undefined : { limit, text };
}

/** Connections that one container may keep open to a database or cache of the input. */
export interface ConnectionPool {
  /** What holds the connections' other end: the server's workload, else its Service. */
  readonly server: KubernetesObject;
  readonly service: Service;
  readonly size: number;
  readonly setting: Setting;
}

interface Reached {
  readonly server: KubernetesObject;
  readonly service: Service;
  readonly name: string;
  readonly targets: Target[];
}

export function connectionPools(container: Container): ConnectionPool[] {
  const reached = serversOf(container);
  if (reached.length === 0) return [];
  const named = container.settings.all.flatMap((setting) => {
    const pool = poolName(setting.name);
    const size = count(setting.value);
    return pool && size !== undefined ? [{ ...pool, size, setting }] : [];
  });
  const overflows = container.settings.all.flatMap((setting) => {
    const stem = overflowStem(setting.name);
    const size = count(setting.value);
    return stem !== undefined && size !== undefined ? [{ stem, size }] : [];
  });
  return reached.flatMap(({ server, service, targets }) => {
    for (const { setting } of targets) {
      const size = poolInUrl(setting.value ?? '');
      if (size !== undefined) return [{ server, service, size, setting }];
    }
    const own = named.filter(({ stem }) => ownerOf(stem, reached)?.server === server);
    const pools = own.filter(({ isPool }) => isPool);
    // A pool of connections is what it keeps open; a `max_connections` beside it is more often the server's own.
    const [largest] = (pools.length > 0 ? pools : own).sort((a, b) => b.size - a.size);
    if (!largest) return [];
    const overflow = overflows.find(({ stem }) => ownerOf(stem, reached)?.server === server)?.size ?? 0;
    return [
      { server, service, size: largest.size + (largest.isPool ? overflow : 0), setting: largest.setting },
    ];
  });
}

/** Databases and caches of the input that a container connects to. */
function serversOf(container: Container): Reached[] {
  const found = new Map<KubernetesObject, Reached>();
  for (const target of container.targets) {
    const { service, port } = target;
    if (!service) continue;
    const containers = service.workloads.flatMap(({ runningContainers }) => runningContainers);
    const known = containers.flatMap(({ server }) => (server?.connectionLimit ? [server.name] : []))[0];
    // What a Service without pods of the input leads to, its port tells.
    const name =
      known ?? (containers.length === 0 ? serverOfPort(port ?? service.ports[0]?.port) : undefined);
    const annotated = LIMIT_ANNOTATION in service.object.annotations;
    if (name === undefined && !annotated) continue;
    const server = service.workloads[0]?.object ?? service.object;
    const reached = found.get(server);
    if (reached) reached.targets.push(target);
    else
      found.set(server, {
        server,
        service,
        name: name ?? serverOfPort(service.ports[0]?.port) ?? '',
        targets: [target],
      });
  }
  return [...found.values()];
}

/** The one server that a pool of this name leads to: by the name of the setting with its address, else by its kind. */
function ownerOf(stem: string, reached: readonly Reached[]): Reached | undefined {
  const byAddress = reached.filter(({ targets }) =>
    targets.some(({ setting }) => isSameStem(stem, setting.name)),
  );
  if (byAddress.length > 0) return byAddress.length === 1 ? byAddress[0] : undefined;
  const said = reached.filter(({ name }) => leadsTo(stem, name) === 'yes');
  if (said.length > 0) return said.length === 1 ? said[0] : undefined;
  const possible = reached.filter(({ name }) => leadsTo(stem, name) === 'maybe');
  const databases = possible.filter(({ name }) => leadsTo('db', name) === 'yes');
  const candidates = databases.length > 0 ? databases : possible;
  return candidates.length === 1 ? candidates[0] : undefined;
}

function isSameStem(stem: string, address: string): boolean {
  const own = settingWords(address)
    .replace(/^pghost$/, 'pg_host')
    .replace(
      /_?(?:url|uri|dsn|hosts?|hostname|servers?|addr|address|endpoint|jdbc_url|connection_string)$/,
      '',
    );
  return own !== '' && (stem === own || stem.startsWith(`${own}_`));
}

function count(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value.trim()) ? Number(value) : undefined;
}
