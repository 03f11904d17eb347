import { entryOf } from '../checks/json';
import { leadsTo, poolInUrl, poolName, serverOfPort, settingWords } from '../checks/known/connection-pools';
import type { KnownServer } from '../checks/known/servers';
import { type Container, connectionPools, type Service, type Target, type Workload } from '../checks/model';

/** A database, cache or broker that workloads use, inside the input or outside. */
export interface Server {
  /** What tells it from others: its workload, else host and port. */
  readonly key: string;
  /** `PostgreSQL`, `Redis` …. */
  readonly product: string;
  readonly kind: KnownServer['kind'];
  readonly host: string;
  readonly port: number | undefined;
  /** @default none: it is outside the input */
  readonly service: Service | undefined;
  /** Its pods. @default none: it is outside the input */
  readonly workload: Workload | undefined;
}

/** That a workload's pods use a server. */
export interface ServerUse {
  readonly server: Server;
  /** Connections that each pod keeps open at most. @default nothing says */
  readonly pool: number | undefined;
}

/** Servers that the running containers of a workload are configured to use. */
export function serverUses(workload: Workload): ServerUse[] {
  const uses = new Map<string, ServerUse>();
  for (const container of workload.runningContainers) {
    const pools = connectionPools(container);
    for (const target of container.targets) {
      const server = serverAt(target);
      if (!server || server.workload === workload) continue;
      const inside = pools.find(({ service }) => service === server.service)?.size;
      const pool = inside ?? poolOf(container, server.product, target);
      const known = uses.get(server.key);
      uses.set(server.key, { server, pool: known?.pool ?? pool });
    }
  }
  return [...uses.values()];
}

const KINDS: Readonly<Record<string, KnownServer['kind']>> = {
  Redis: 'cache',
  Valkey: 'cache',
  RabbitMQ: 'broker',
  PostgreSQL: 'database',
  MySQL: 'database',
  MongoDB: 'database',
};

function serverAt({ host, port, scheme, setting, service }: Target): Server | undefined {
  const workload = service?.workloads.find((one) => knownServerOf(one) !== undefined);
  const known = workload && knownServerOf(workload);
  const product = known?.name ?? productOf(scheme, setting.name) ?? serverOfPort(port);
  if (product === undefined || (service && service.workloads.length > 0 && !workload)) return undefined;
  return {
    key: workload ? `${workload.namespace}/${workload.label}` : `${host}:${port ?? ''}`,
    product,
    kind: known?.kind ?? entryOf(KINDS, product) ?? 'database',
    host,
    port,
    service,
    workload,
  };
}

/** The known database, cache or broker that a workload's pods are. */
export function knownServerOf(workload: Workload): KnownServer | undefined {
  return workload.runningContainers.find(({ server }) => server !== undefined)?.server;
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|_)(?:redis\w*|valkeys?)(?:_|$)/, 'Redis'],
  [/(?:^|_)(?:pg\w*|postgres\w*|pgvector)(?:_|$)/, 'PostgreSQL'],
  [/(?:^|_)(?:mysql|mariadb)(?:_|$)/, 'MySQL'],
  [/(?:^|_)(?:mongo\w*)(?:_|$)/, 'MongoDB'],
  [/(?:^|_)(?:amqps?|rabbitmq)(?:_|$)/, 'RabbitMQ'],
];

/** What the scheme of a URL says, or else the name of the setting that holds the address. */
function productOf(scheme: string | undefined, setting: string): string | undefined {
  const text = settingWords(scheme ?? setting);
  if (scheme !== undefined && /^https?$|^wss?$/.test(scheme)) return undefined;
  return WORDS.find(([words]) => words.test(text))?.[1];
}

/** The largest pool whose name leads to the server's product, where the server itself is outside the input. */
function poolOf({ settings }: Container, product: string, target: Target): number | undefined {
  const inUrl = poolInUrl(target.setting.value ?? '');
  if (inUrl !== undefined) return inUrl;
  const sizes = settings.all.flatMap(({ name, value }) => {
    const pool = poolName(name);
    const isMeant = pool?.isPool && leadsTo(pool.stem, product) === 'yes';
    return isMeant && value !== undefined && /^\d{1,6}$/.test(value) ? [Number(value)] : [];
  });
  return sizes.length > 0 ? Math.max(...sizes) : undefined;
}
