import { type ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { CacheConnection, ImageReference } from '../../contracts';
import { selectorLabels } from '../labels';
import { makeObjects, type Overrides, throwProblems } from '../objects';
import { countProblems } from '../problems/count';
import type { Workload } from '../workload';
import {
  bytesOf,
  CREDENTIALS,
  type DevelopmentServerObjects,
  type DevelopmentServerProps,
  hostOf,
  identityOf,
  reckonedProblems,
  type Server,
  serverManifests,
  serverProblems,
  sizeProblems,
} from './server';

const PORT = 6379;
const VALKEY: ImageReference = { repository: 'docker.io/valkey/valkey', tag: '8.1.4' };
/** Where the access list lies: in memory, and only hashes of passwords are in it. */
const RUN_DIRECTORY = '/run/cache';

/** Size and image of a `DevelopmentCache`. */
export interface DevelopmentCacheProps extends DevelopmentServerProps {
  /** Valkey or Redis, 7.0 or later. @default the official Valkey image, 8.1.4 */
  readonly image?: ImageReference;
  /** Memory for data. When it is full, writes fail: nothing is evicted, since streams live here. @default `256Mi` */
  readonly maxMemory?: string;
  /** Connections that it grants. @default 10000 */
  readonly maxClients?: number;
  /** Patches, by object. */
  readonly overrides?: Overrides<keyof DevelopmentServerObjects>;
}

/**
 * Valkey inside the cluster, for development and tests: one pod, every write logged to its volume within a second,
 * no TLS. While the pod moves, clients see it as away for half a minute or so.
 */
export class DevelopmentCache extends Construct implements DevelopmentServerObjects {
  readonly statefulSet: ApiObject;
  readonly service: ApiObject;
  readonly headlessService: ApiObject;
  readonly workload: Workload;
  /** What clients are told. */
  readonly connection: CacheConnection;

  constructor(scope: Construct, id: string, props: DevelopmentCacheProps) {
    super(scope, id);
    const { name, credentials, maxMemory = '256Mi', maxClients = 10_000 } = props;
    throwProblems(this, [
      ...serverProblems(props),
      ...reckonedProblems({ maxMemory, maxClients }),
      ...sizeProblems('maxMemory', maxMemory),
      ...countProblems('maxClients', maxClients, 1, 65_000),
    ]);
    const identity = identityOf(props, 'valkey', 'cache');
    const bytes = bytesOf(maxMemory);
    const server: Server = {
      identity,
      image: props.image ?? VALKEY,
      portName: 'redis',
      port: PORT,
      maxConnections: maxClients,
      // Rewriting the log copies what changes meanwhile, and buffers of clients come on top of the data.
      memory: bytes * 1.5 + 64 * 2 ** 20,
      container: {
        command: ['/bin/sh', '-c', START, 'cache'],
        args: [
          ...['--dir', '/data'],
          ...['--appendonly', 'yes'],
          ...['--appendfsync', 'everysec'],
          ...['--save', ''],
          ...['--maxmemory', String(bytes)],
          ...['--maxmemory-policy', 'noeviction'],
          ...['--maxclients', String(maxClients)],
          ...['--tcp-keepalive', '60'],
        ],
      },
      data: { mountPath: '/data' },
      scratch: { run: RUN_DIRECTORY },
      ready: { command: ['/bin/sh', '-c', PING] },
      grace: 60,
    };
    const objects = makeObjects(this, serverManifests(props, server), props.overrides);
    this.statefulSet = objects.statefulSet;
    this.service = objects.service;
    this.headlessService = objects.headlessService;

    const selector = selectorLabels(identity);
    const { namespace } = Chart.of(this);
    this.workload = { apiVersion: 'apps/v1', kind: 'StatefulSet', name, selector, replicas: 1 };
    this.connection = {
      host: hostOf(name, namespace),
      port: PORT,
      tls: false,
      credentials,
      maxConnections: maxClients,
      egress: { podLabels: selector, ...(namespace === undefined ? {} : { namespace }), ports: [PORT] },
    };
  }
}

/**
 * Writes the access list from the Secret's files, and becomes the server: signals reach it. Nobody can be the default
 * user, yet it may do everything: as it, the server reads its own log again, and without rights it would leave out
 * what transactions and scripts wrote.
 */
const START = `set -eu
umask 077
server=$(command -v valkey-server || command -v redis-server)
user=$(cat ${CREDENTIALS}/username)
hash=$(printf %s "$(cat ${CREDENTIALS}/password)" | sha256sum | cut -d ' ' -f 1)
{
  if [ "$user" != default ]; then echo 'user default off ~* &* +@all'; fi
  echo "user $user on #$hash ~* &* +@all"
} > ${RUN_DIRECTORY}/users.acl
exec "$server" "$@" --aclfile ${RUN_DIRECTORY}/users.acl
`;

/** Answers PONG only once the log is loaded. The password goes by environment, which other processes can't read. */
const PING = `client=$(command -v valkey-cli || command -v redis-cli)
REDISCLI_AUTH=$(cat ${CREDENTIALS}/password)
VALKEYCLI_AUTH=$REDISCLI_AUTH
export REDISCLI_AUTH VALKEYCLI_AUTH
"$client" --user "$(cat ${CREDENTIALS}/username)" ping | grep -q PONG
`;
