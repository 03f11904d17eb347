/** The script that the cache's container starts with, on a real server. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, Chart } from 'cdk8s';
import { DevelopmentCache } from '../../../../constructs/kubernetes/development/development-cache';
import { temporaryFolder } from '../../../support/temporary-folder';

const PASSWORD = 'a password "with" quotes';
const folder = temporaryFolder();
const at = (path: string) => join(folder.path, path);
let server: ChildProcess | undefined;

/** The container's command, with its places below a folder of this test's, on a socket instead of a port. */
function command(): [string, string[]] {
  const cache = new DevelopmentCache(new Chart(new App(), 'test'), 'cache', {
    name: 'cache',
    instance: 'chat',
    credentials: { secretName: 'cache' },
  });
  const [container] = cache.statefulSet.toJson().spec.template.spec.containers;
  const [program = '', ...args] = [...container.command, ...container.args].map((each: string) =>
    each.replace(/(\/run\/secrets|\/run\/cache|^\/data)/g, `${folder.path}$1`),
  );
  return [program, [...args, '--port', '0', '--unixsocket', at('socket')]];
}

async function start(): Promise<void> {
  const [program, args] = command();
  server = spawn(program, args, { stdio: 'ignore' });
  for (let attempt = 0; redis('PING') !== 'PONG'; attempt++) {
    if (attempt === 100) throw new Error('Redis does not answer');
    await sleep(50);
  }
}

async function stop(): Promise<void> {
  if (server?.exitCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGTERM');
  await exited;
}

function redis(...args: string[]): string {
  return asUser(['--user', 'polypod', '--pass', PASSWORD, '--no-auth-warning'], args);
}

function asUser(login: string[], args: string[]): string {
  try {
    return execFileSync('redis-cli', ['-s', at('socket'), ...login, ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  } catch {
    return '';
  }
}

beforeEach(async () => {
  const secrets = at('run/secrets/polypod/server');
  for (const path of [secrets, at('run/cache'), at('data')]) mkdirSync(path, { recursive: true });
  writeFileSync(join(secrets, 'username'), 'polypod');
  writeFileSync(join(secrets, 'password'), PASSWORD);
  await start();
});
afterEach(stop);

test('nobody gets in without the password', () => {
  expect(asUser([], ['PING'])).toMatch(/^NOAUTH/);
  expect(asUser(['--user', 'default', '--pass', '', '--no-auth-warning'], ['PING'])).not.toBe('PONG');
  expect(asUser(['--user', 'polypod', '--pass', 'no', '--no-auth-warning'], ['PING'])).not.toBe('PONG');
});

test('what was written is there after a restart: what transactions and scripts wrote, too', async () => {
  redis('SET', 'alone', 'yes');
  // It is logged as a transaction.
  redis('EVAL', "redis.call('SET', KEYS[1], 'yes') redis.call('SET', KEYS[2], 'yes')", '2', 'one', 'other');
  await stop();
  await start();
  expect(redis('MGET', 'alone', 'one', 'other')).toBe('yes\nyes\nyes');
});
