import { type ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { DatabaseConnection, ImageReference, Problem } from '../../contracts';
import { selectorLabels } from '../labels';
import { makeObjects, type Overrides, throwProblems } from '../objects';
import { countProblems } from '../problems/count';
import type { Workload } from '../workload';
import { MYSQL_PORT, mysqlServer } from './mysql';
import { POSTGRESQL_PORT, POSTGRESQL_RESERVED, postgresqlServer } from './postgresql';
import {
  type DevelopmentServerObjects,
  type DevelopmentServerProps,
  hostOf,
  identityOf,
  reckonedProblems,
  serverManifests,
  serverProblems,
  sizeProblems,
} from './server';

/** Engine, size and image of a `DevelopmentDatabase`. */
export interface DevelopmentDatabaseProps extends DevelopmentServerProps {
  /** @default `postgresql` */
  readonly engine?: 'postgresql' | 'mysql';
  /** @default the official image of PostgreSQL 18.1 or MySQL 8.4.7 */
  readonly image?: ImageReference;
  /** Name of the database, made at the first start. @default `polypod` */
  readonly database?: string;
  /** Connections that it grants (`max_connections`). @default 100 */
  readonly maxConnections?: number;
  /** PostgreSQL's `shared_buffers`, MySQL's `innodb_buffer_pool_size`. @default `256Mi` */
  readonly sharedBuffers?: string;
  /** Patches, by object. */
  readonly overrides?: Overrides<keyof DevelopmentServerObjects>;
}

/**
 * PostgreSQL (or MySQL) inside the cluster, for development and tests: one pod, its data on its volume, no TLS, no
 * backup. User and password are taken from the Secret when the volume is first written; changing the Secret later
 * changes nothing in the database. MySQL's user must not be `root`.
 */
export class DevelopmentDatabase extends Construct implements DevelopmentServerObjects {
  readonly statefulSet: ApiObject;
  readonly service: ApiObject;
  readonly headlessService: ApiObject;
  readonly workload: Workload;
  /** What clients are told. */
  readonly connection: DatabaseConnection;

  constructor(scope: Construct, id: string, props: DevelopmentDatabaseProps) {
    super(scope, id);
    const { name, engine = 'postgresql', database = 'polypod', maxConnections = 100 } = props;
    const { sharedBuffers = '256Mi', credentials } = props;
    throwProblems(this, [
      ...serverProblems(props),
      ...databaseNameProblems(database),
      ...reckonedProblems({ maxConnections, sharedBuffers }),
      ...countProblems('maxConnections', maxConnections, 10, 10_000),
      ...sizeProblems('sharedBuffers', sharedBuffers),
    ]);
    const identity = identityOf(props, engine, 'database');
    const settings = { identity, image: props.image, database, maxConnections, sharedBuffers };
    const postgresql = engine === 'postgresql';
    const server = postgresql ? postgresqlServer(settings) : mysqlServer(settings);
    const objects = makeObjects(this, serverManifests(props, server), props.overrides);
    this.statefulSet = objects.statefulSet;
    this.service = objects.service;
    this.headlessService = objects.headlessService;

    const selector = selectorLabels(identity);
    const { namespace } = Chart.of(this);
    const port = postgresql ? POSTGRESQL_PORT : MYSQL_PORT;
    this.workload = { apiVersion: 'apps/v1', kind: 'StatefulSet', name, selector, replicas: 1 };
    this.connection = {
      engine,
      host: hostOf(name, namespace),
      port,
      database,
      tls: false,
      credentials,
      maxConnections: postgresql ? maxConnections - POSTGRESQL_RESERVED : maxConnections,
      egress: { podLabels: selector, ...(namespace === undefined ? {} : { namespace }), ports: [port] },
    };
  }
}

function databaseNameProblems(database: string): Problem[] {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(database)) return [];
  return [
    {
      path: 'database',
      value: database,
      reason: 'is no name of a database that needs no quotes: a-z, 0-9 and "_", no digit first, at most 63',
      mend: `did you mean "${
        database
          .toLowerCase()
          .replace(/[^a-z0-9_]+/g, '_')
          .replace(/^[0-9]/, '_$&') || 'polypod'
      }"?`,
    },
  ];
}
