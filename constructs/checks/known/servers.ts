/** What is known of a database or cache server, by the repository of its image. */
export interface KnownServer {
  readonly name: string;
  readonly kind: 'cache' | 'database' | 'vector database' | 'broker';
  readonly repository: RegExp;
  /** Documentation of these facts. */
  readonly source: string;
  readonly port: number;
  /** Settings (arguments, environment, configuration file) that limit connections. */
  readonly connectionLimit?: { readonly settings: readonly string[]; readonly default: number };
  /** Where it keeps its data. */
  readonly dataDirectory: string;
}

const servers: readonly KnownServer[] = [
  {
    name: 'Redis',
    kind: 'cache',
    repository: /(?:^|\/)(?:redis|redis-stack|redis-stack-server|redis-cluster)$/,
    source: 'https://redis.io/docs/latest/develop/reference/clients/',
    port: 6379,
    connectionLimit: { settings: ['--maxclients', 'maxclients'], default: 10_000 },
    dataDirectory: '/data',
  },
  {
    name: 'Valkey',
    kind: 'cache',
    repository: /(?:^|\/)valkey(?:-cluster|-bundle)?$/,
    source: 'https://valkey.io/topics/clients/',
    port: 6379,
    connectionLimit: { settings: ['--maxclients', 'maxclients'], default: 10_000 },
    dataDirectory: '/data',
  },
  {
    name: 'PostgreSQL',
    kind: 'database',
    repository: /(?:^|\/)(?:postgres|postgresql|pgvector|postgis|timescaledb)$/,
    source: 'https://www.postgresql.org/docs/current/runtime-config-connection.html',
    port: 5432,
    connectionLimit: {
      settings: [
        'max_connections',
        '--max_connections',
        '--max-connections',
        '-N',
        'POSTGRESQL_MAX_CONNECTIONS',
      ],
      default: 100,
    },
    dataDirectory: '/var/lib/postgresql',
  },
  {
    name: 'MySQL',
    kind: 'database',
    repository: /(?:^|\/)(?:mysql|mariadb|percona|percona-server)$/,
    source: 'https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_connections',
    port: 3306,
    connectionLimit: {
      settings: ['--max_connections', '--max-connections', 'mysqld.max_connections', 'max_connections'],
      default: 151,
    },
    dataDirectory: '/var/lib/mysql',
  },
  {
    name: 'MongoDB',
    kind: 'database',
    repository: /(?:^|\/)(?:mongo|mongodb|mongodb-community-server)$/,
    source: 'https://www.mongodb.com/docs/manual/reference/configuration-options/#net-options',
    port: 27017,
    connectionLimit: { settings: ['--maxConns', 'net.maxIncomingConnections'], default: 65_536 },
    dataDirectory: '/data/db',
  },
  {
    name: 'Qdrant',
    kind: 'vector database',
    repository: /(?:^|\/)qdrant(?:-unprivileged)?$/,
    source: 'https://qdrant.tech/documentation/guides/configuration/',
    port: 6333,
    dataDirectory: '/qdrant/storage',
  },
  {
    name: 'Weaviate',
    kind: 'vector database',
    repository: /(?:^|\/)weaviate$/,
    source: 'https://docs.weaviate.io/deploy/configuration/env-vars',
    port: 8080,
    dataDirectory: '/var/lib/weaviate',
  },
  {
    name: 'Chroma',
    kind: 'vector database',
    repository: /(?:^|\/)chroma$/,
    source: 'https://docs.trychroma.com/guides/deploy/docker',
    port: 8000,
    dataDirectory: '/data',
  },
  {
    name: 'Milvus',
    kind: 'vector database',
    repository: /(?:^|\/)milvus$/,
    source: 'https://milvus.io/docs/configure_milvus-operator.md',
    port: 19530,
    dataDirectory: '/var/lib/milvus',
  },
  {
    name: 'RabbitMQ',
    kind: 'broker',
    repository: /(?:^|\/)rabbitmq$/,
    source: 'https://www.rabbitmq.com/docs/networking',
    port: 5672,
    dataDirectory: '/var/lib/rabbitmq',
  },
];

/** The database or cache of an image's repository. */
export function knownServer(repository: string): KnownServer | undefined {
  return servers.find((server) => server.repository.test(repository));
}
