import type { ImageReference } from '../../contracts';
import type { Identity } from '../labels';
import { bytesOf, CREDENTIALS, type Server } from './server';

export const POSTGRESQL_PORT = 5432;
/** `superuser_reserved_connections`, which PostgreSQL keeps back for mending. */
export const POSTGRESQL_RESERVED = 3;
/** The official image. */
export const POSTGRESQL_IMAGE: ImageReference = { repository: 'docker.io/library/postgres', tag: '18.1' };
const MEBIBYTE = 2 ** 20;

export interface DatabaseSettings {
  readonly identity: Identity;
  readonly image: ImageReference | undefined;
  readonly database: string;
  readonly maxConnections: number;
  readonly sharedBuffers: string;
}

/**
 * The official image stops PostgreSQL by SIGINT (its STOPSIGNAL), the fast shutdown: clients are cut off, data is
 * written. SIGTERM would wait for the last client until Kubernetes kills the pod.
 */
export function postgresqlServer(settings: DatabaseSettings): Server {
  const { identity, image = POSTGRESQL_IMAGE, database, maxConnections } = settings;
  const buffers = bytesOf(settings.sharedBuffers);
  return {
    identity,
    image,
    portName: 'postgresql',
    port: POSTGRESQL_PORT,
    maxConnections,
    // A connection costs about 8 MiB with its sorts; the page cache wants as much again as the shared buffers.
    memory: buffers * 2 + (maxConnections * 8 + 128) * MEBIBYTE,
    container: {
      args: [
        'postgres',
        ...['-c', `max_connections=${maxConnections}`],
        ...['-c', `superuser_reserved_connections=${POSTGRESQL_RESERVED}`],
        ...['-c', `shared_buffers=${Math.floor(buffers / 1024)}kB`],
      ],
      env: [
        { name: 'POSTGRES_USER_FILE', value: `${CREDENTIALS}/username` },
        { name: 'POSTGRES_PASSWORD_FILE', value: `${CREDENTIALS}/password` },
        { name: 'POSTGRES_DB', value: database },
        // Else a process in the pod gets in without a password.
        { name: 'POSTGRES_INITDB_ARGS', value: '--auth-host=scram-sha-256 --data-checksums' },
        // The images disagree on it (18 moved it), and mount volumes of their own over the places they know.
        { name: 'PGDATA', value: '/data/pgdata' },
      ],
    },
    data: { mountPath: '/data' },
    scratch: { tmp: '/tmp', run: '/var/run/postgresql' },
    // Parallel queries share memory here; the runtime's 64 MiB are soon full.
    shared: {
      volume: { name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: '128Mi' } },
      mountPath: '/dev/shm',
    },
    // By TCP: the server that only runs the first start's scripts listens on its socket alone.
    ready: {
      command: [
        'pg_isready',
        '-q',
        '-h',
        '127.0.0.1',
        '-p',
        String(POSTGRESQL_PORT),
        '-U',
        'postgres',
        '-d',
        database,
      ],
    },
    grace: 120,
  };
}
