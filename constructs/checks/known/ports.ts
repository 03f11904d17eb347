import { entryOf } from '../json';

/** Ports that protocols use where none is written: IANA's, and the servers' own defaults. */
const BY_SCHEME: Readonly<Record<string, number>> = {
  http: 80,
  ws: 80,
  https: 443,
  wss: 443,
  redis: 6379,
  rediss: 6379,
  valkey: 6379,
  valkeys: 6379,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  mariadb: 3306,
  mongodb: 27017,
  'mongodb+srv': 27017,
  amqp: 5672,
  amqps: 5671,
  nats: 4222,
  kafka: 9092,
  ldap: 389,
  ldaps: 636,
  smtp: 25,
  clickhouse: 9000,
};

/** What the name of a setting says of the protocol, where no scheme does. */
const BY_WORD: readonly (readonly [RegExp, number])[] = [
  [/redis|valkey/i, 6379],
  [/^pg|postgres/i, 5432],
  [/mysql|mariadb/i, 3306],
  [/mongo/i, 27017],
  [/qdrant/i, 6333],
  [/milvus/i, 19530],
  [/ollama/i, 11434],
  [/kafka/i, 9092],
  [/elastic|opensearch/i, 9200],
];

/** The usual port of a URL scheme (`postgresql+asyncpg` too) or of what a setting's name speaks of. */
export function defaultPort(schemeOrName: string): number | undefined {
  const scheme = schemeOrName.toLowerCase().replace(/^jdbc:/, '');
  const exact = entryOf(BY_SCHEME, scheme) ?? entryOf(BY_SCHEME, scheme.split('+')[0] ?? '');
  return exact ?? BY_WORD.find(([word]) => word.test(schemeOrName))?.[1];
}

/** Ports that are for machines of the same system, never for the public; by name, then by number. */
const INTERNAL_NAMES =
  /(?:^|[-_.])(?:metrics|prometheus|prom|monitoring|admin|debug|pprof|peers?|p2p|gossip|cluster|raft|internal|kv-?transfer|nccl|management|mgmt|actuator)(?:$|[-_.\d])/i;
/**
 * Sources: https://etcd.io/docs/v3.6/op-guide/configuration/, https://www.rabbitmq.com/docs/networking,
 * https://www.elastic.co/docs/reference/elasticsearch/configuration-reference/networking-settings,
 * https://docs.nats.io/running-a-nats-service/configuration, https://qdrant.tech/documentation/guides/distributed_deployment/,
 * https://developer.hashicorp.com/consul/docs/reference/architecture/ports,
 * https://docs.ray.io/en/latest/ray-core/configure.html, https://github.com/prometheus/prometheus/wiki/Default-port-allocations.
 */
const INTERNAL_NUMBERS: ReadonlyMap<number, string> = new Map([
  [2380, 'etcd peer'],
  [4001, 'peer'],
  [4369, 'Erlang peer'],
  [5001, 'peer'],
  [6060, 'debug'],
  [6222, 'NATS peer'],
  [6335, 'Qdrant peer'],
  [7946, 'gossip'],
  [8222, 'NATS monitoring'],
  [8265, 'Ray dashboard'],
  [8301, 'Consul gossip'],
  [9090, 'metrics'],
  [9091, 'metrics'],
  [9100, 'node metrics'],
  [9121, 'Redis metrics'],
  [9187, 'PostgreSQL metrics'],
  [9300, 'Elasticsearch peer'],
  [9400, 'GPU metrics'],
  [9901, 'Envoy admin'],
  [14579, 'vLLM cache transfer'],
  [15672, 'RabbitMQ management'],
  [15692, 'RabbitMQ metrics'],
  [16379, 'Redis cluster bus'],
  [25672, 'RabbitMQ peer'],
]);

/** What an internal port is for, or `undefined` for one that may be public. */
export function internalPurpose(name: string | undefined, port: number | undefined): string | undefined {
  if (name !== undefined && INTERNAL_NAMES.test(name)) return name;
  return port === undefined ? undefined : INTERNAL_NUMBERS.get(port);
}
