import type { ImageReference } from '../../contracts';
import type { DatabaseSettings } from './postgresql';
import { bytesOf, CREDENTIALS, type Server } from './server';

export const MYSQL_PORT = 3306;
const IMAGE: ImageReference = { repository: 'docker.io/library/mysql', tag: '8.4.7' };
const MEBIBYTE = 2 ** 20;

/** MySQL in the same shape. `root` has the same password, and gets in from inside the pod only. */
export function mysqlServer(settings: DatabaseSettings): Server {
  const { identity, image = IMAGE, database, maxConnections } = settings;
  const buffers = bytesOf(settings.sharedBuffers);
  return {
    identity,
    image,
    portName: 'mysql',
    port: MYSQL_PORT,
    maxConnections,
    // MySQL takes about 400 MiB beside its buffer pool, and 4 MiB a connection.
    memory: buffers * 1.25 + (maxConnections * 4 + 400) * MEBIBYTE,
    container: {
      args: ['mysqld', `--max-connections=${maxConnections}`, `--innodb-buffer-pool-size=${buffers}`],
      env: [
        { name: 'MYSQL_USER_FILE', value: `${CREDENTIALS}/username` },
        { name: 'MYSQL_PASSWORD_FILE', value: `${CREDENTIALS}/password` },
        { name: 'MYSQL_ROOT_PASSWORD_FILE', value: `${CREDENTIALS}/password` },
        { name: 'MYSQL_ROOT_HOST', value: 'localhost' },
        { name: 'MYSQL_DATABASE', value: database },
      ],
    },
    // A folder of the volume: mysqld refuses to start in one that holds `lost+found`.
    data: { mountPath: '/var/lib/mysql', subPath: 'mysql' },
    scratch: { tmp: '/tmp', run: '/var/run/mysqld' },
    // By TCP, as above; it needs no password to say that the server is there.
    ready: {
      command: [
        'mysqladmin',
        'ping',
        '--silent',
        '--protocol=tcp',
        '-h',
        '127.0.0.1',
        '-P',
        String(MYSQL_PORT),
      ],
    },
    grace: 120,
  };
}
