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

/** Pools of connections that the settings of a container ask for, by the server that they reach. */
export function connectionPools(container: Container): ConnectionPool[] {
  const reached = serversOf(container);
  if (reached.length === 0) return [];
  const pools: Owned[] = [];
  const overflows: Owned[] = [];
  for (const setting of container.settings.all) {
    const size = count(setting.value);
    if (size === undefined) continue;
    const pool = poolName(setting.name);
    const stem = pool?.stem ?? overflowStem(setting.name);
    if (stem === undefined) continue;
    const owner = ownerOf(stem, reached);
    (pool ? pools : overflows).push({ setting, size, owner, isPool: pool?.isPool ?? false });
  }
  return reached.flatMap((server) => {
    for (const { setting } of server.targets) {
      const size = poolInUrl(setting.value ?? '');
      if (size !== undefined) return [{ ...server, size, setting }];
    }
    const own = pools.filter(({ owner }) => owner === server);
    const named = own.filter(({ isPool }) => isPool);
    // A pool of connections is what it keeps open; a `max_connections` beside it is more often the server's own.
    const [largest] = (named.length > 0 ? named : own).sort((a, b) => b.size - a.size);
    if (!largest) return [];
    const overflow = largest.isPool ? overflows.find(({ owner }) => owner === server) : undefined;
    return [{ ...server, size: largest.size + (overflow?.size ?? 0), setting: largest.setting }];
  });
}

/** A setting that limits a pool, and the server that the pool leads to. */
interface Owned {
  readonly setting: Setting;
  readonly size: number;
  readonly owner: Reached | undefined;
  readonly isPool: boolean;
}

/** Databases and caches of the input that a container connects to. */
function serversOf(container: Container): Reached[] {
  const byService = new Map<Service, Target[]>();
  for (const target of container.targets) {
    if (!target.service) continue;
    const targets = byService.get(target.service);
    if (targets) targets.push(target);
    else byService.set(target.service, [target]);
  }
  const found = new Map<KubernetesObject, Reached>();
  for (const [service, targets] of byService) {
    const name = serverName(service, targets);
    if (name === undefined) continue;
    const server = service.workloads[0]?.object ?? service.object;
    const reached = found.get(server);
    if (reached) reached.targets.push(...targets);
    else found.set(server, { server, service, name, targets });
  }
  return [...found.values()];
}

/** What a Service leads to: by its pods' images, else by the port. `undefined`: neither a database nor a cache. */
function serverName(service: Service, [target]: readonly Target[]): string | undefined {
  const containers = service.workloads.flatMap(({ runningContainers }) => runningContainers);
  const known = containers.find(({ server }) => server?.connectionLimit)?.server;
  if (known) return known.name;
  const byPort = serverOfPort(target?.port ?? service.ports[0]?.port);
  if (LIMIT_ANNOTATION in service.object.annotations) return byPort ?? '';
  return containers.length === 0 ? byPort : undefined;
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
