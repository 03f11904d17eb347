/**
 * How settings say how many connections one process keeps open, and to what.
 *
 * Sources: https://docs.sqlalchemy.org/en/20/core/pooling.html, https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections/connection-pool,
 * https://pkg.go.dev/github.com/jackc/pgx/v5/pgxpool#ParseConfig, https://www.mongodb.com/docs/manual/reference/connection-string-options/,
 * https://github.com/brettwooldridge/HikariCP, https://docs.openwebui.com/getting-started/env-configuration,
 * https://docs.dify.ai/en/getting-started/install-self-hosted/environments, https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#database.
 */
const POOL =
  /^(?:(?<stem>.+?)_)??(?<pool>(?:max(?:imum)?_)?(?:connections?_|conn_)?pool_?(?:max_|maximum_)?(?:size|limit|max|connections|conns)|max_?(?:open_|db_|database_|total_)?conn(?:ection)?s?|connection_limit)$/;
const OVERFLOW = /^(?:(?<stem>.+?)_)??(?:pool_)?max_overflow$/;
const IN_URL =
  /[?&;](?:connection_limit|connectionlimit|pool_?size|max_?pool_?size|maximumpoolsize|pool_max_conns|pool_?max|max_?conn(?:ection)?s|pool)=(\d{1,6})(?=$|[&;#"'\s])/i;
/** Of these, no connections stand open at most. */
const LEAST = /(?:^|_)(?:min|minimum|initial|idle|core)(?:_|$)/;

/** Words of the pools' names that say what they lead to; a list, from the most telling on. */
const PRODUCTS: readonly (readonly [words: RegExp, server: RegExp])[] = [
  [/(?:^|_)(?:pg|pgsql|psql|postgres\w*)(?:_|$)/, /^PostgreSQL$/],
  [/(?:^|_)(?:mysql|mariadb|maria)(?:_|$)/, /^MySQL$/],
  [/(?:^|_)mongo(?:db)?(?:_|$)/, /^MongoDB$/],
  [/(?:^|_)(?:redis|valkey|cache)(?:_|$)/, /^(?:Redis|Valkey)$/],
  [
    /(?:^|_)(?:db|databases?|sql|sqlalchemy|datasource|hikari|jdbc|prisma|typeorm)(?:_|$)/,
    /^(?:PostgreSQL|MySQL|MongoDB)$/,
  ],
];
/** Words of pools of other things. */
const OTHERS =
  /(?:^|_)(?:threads?|workers?|http|https|httpx|aiohttp|executor|buffer|process|processes|celery|tasks?|embed\w*|llm|openai|requests?|clients?|io|grpc|agents?|browser|ws|websockets?|sockets?|upstream|server|proxy|nginx|kafka|amqp|rabbitmq|s3|vector|qdrant|milvus|weaviate|elastic\w*|opensearch)(?:_|$)/;

/** A name as words in lower case: `dbPoolSize`, `--db-pool-size` and `DB_POOL_SIZE` are all `db_pool_size`. */
export function settingWords(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

/** What a setting that limits a pool is called beside that: `db` for `DB_POOL_SIZE`. @returns undefined for others */
export function poolName(name: string): { readonly stem: string; readonly isPool: boolean } | undefined {
  const match = POOL.exec(settingWords(name));
  const { stem = '', pool = '' } = match?.groups ?? {};
  if (!match || LEAST.test(stem)) return undefined;
  return { stem, isPool: pool.includes('pool') };
}

/** The same for a setting that lets a pool grow beyond its size. */
export function overflowStem(name: string): string | undefined {
  const match = OVERFLOW.exec(settingWords(name));
  return match ? (match.groups?.stem ?? '') : undefined;
}

/** The size of the pool that a URL asks for. */
export function poolInUrl(url: string): number | undefined {
  const size = IN_URL.exec(url)?.[1];
  return size === undefined ? undefined : Number(size);
}

/**
 * Whether a pool of this name is one of connections to such a server: `yes` or `no` where the name says so, `maybe`
 * where it speaks of nothing.
 */
export function leadsTo(stem: string, server: string): 'yes' | 'no' | 'maybe' {
  const product = PRODUCTS.find(([words]) => words.test(stem));
  if (product) return product[1].test(server) ? 'yes' : 'no';
  return OTHERS.test(stem) ? 'no' : 'maybe';
}

/** What listens on a well-known port. */
export function serverOfPort(port: number | undefined): string | undefined {
  return port === undefined
    ? undefined
    : { 5432: 'PostgreSQL', 3306: 'MySQL', 27017: 'MongoDB', 6379: 'Redis', 6380: 'Redis' }[port];
}
