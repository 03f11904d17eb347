import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../runtime/src/free-port';
import { makeCertificates } from './certificates';

/** Time that a server may take on a machine that has other things to do. */
const PATIENCE = 60_000;

/** A MariaDB of one test file's own, as Debian installs it; it encrypts with a certificate for `localhost`. */
export class MariaDb {
  private constructor(
    private readonly folder: string,
    private readonly process: ChildProcess,
    readonly port: number,
  ) {}

  /** Its authority, as a PEM file. */
  get authority(): string {
    return join(this.folder, 'ca.crt');
  }

  static async start(): Promise<MariaDb> {
    const folder = mkdtempSync(join(tmpdir(), 'polypod-mariadb-'));
    const data = join(folder, 'data');
    const user = `--user=${userInfo().username}`;
    mkdirSync(data);
    makeCertificates(folder, 'localhost');
    execFileSync(
      'mariadb-install-db',
      [
        '--no-defaults',
        user,
        `--datadir=${data}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
      ],
      { stdio: 'pipe' },
    );
    const port = await freePort();
    const server = spawn(
      'mariadbd',
      [
        '--no-defaults',
        user,
        `--datadir=${data}`,
        `--socket=${join(folder, 'socket')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--log-error=${join(folder, 'log')}`,
        `--ssl-ca=${join(folder, 'ca.crt')}`,
        `--ssl-cert=${join(folder, 'server.crt')}`,
        `--ssl-key=${join(folder, 'server.key')}`,
        '--innodb-flush-log-at-trx-commit=0',
      ],
      { stdio: 'ignore' },
    );
    const mariadb = new MariaDb(folder, server, port);
    await mariadb.#answers();
    return mariadb;
  }

  /** Runs statements as root, and gives the lines of what they answer. */
  query(sql: string, database = 'mysql'): string[] {
    const socket = `--socket=${join(this.folder, 'socket')}`;
    const output = execFileSync(
      'mariadb',
      ['--no-defaults', socket, '-uroot', '-N', '-B', '-e', sql, database],
      {
        encoding: 'utf8',
        stdio: 'pipe',
      },
    );
    return output.split('\n').filter((line) => line !== '');
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      this.process.kill('SIGKILL');
      await once(this.process, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      try {
        this.query('SELECT 1');
        return;
      } catch (error) {
        if (Date.now() > deadline || this.process.exitCode !== null) {
          const log = readFileSync(join(this.folder, 'log'), 'utf8');
          throw new Error(`MariaDB does not answer:\n${log}`, { cause: error });
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }
}
