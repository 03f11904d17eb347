import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestBrowser } from '../support/browser.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const PASSWORD = 'correct horse battery';

describe('polypod-runtime users and keys', () => {
  let directory: string;
  let config: string;
  let postgres: TestPostgres;
  let redis: TestRedis;
  let node: TestNode;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-accounts-'));
    config = join(directory, 'config.yaml');
    [postgres, redis] = await Promise.all([startTestPostgres(), startTestRedis()]);
    const shared = { database: await postgres.database(), redis: { host: redis.host, port: redis.port } };
    await writeFile(config, JSON.stringify({ ...shared, dataDirectory: directory }));
    node = await startTestNode({ ...shared, access: { mode: 'required' } });
  });
  after(async () => {
    await node.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
    await rm(directory, { recursive: true });
  });

  const command = async (args: string, input = '') => {
    const child = spawn(process.execPath, [MAIN, ...args.split(' '), '--config', config]);
    child.stdin.end(input);
    const [output, errors, status] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve) => child.once('exit', resolve)),
    ]);
    return { output, errors, status };
  };
  const me = async (own: TestBrowser) => (await own.fetch('/auth/me')).status;

  test('a password comes by standard input, and lets its account in on running nodes', async () => {
    const made = await command('users create ada --role operator', `${PASSWORD}\n`);
    assert.deepEqual(made, { output: 'ada is there, as operator.\n', errors: '', status: 0 });
    const own = new TestBrowser(node.url);
    assert.equal((await own.logIn('ada', PASSWORD)).status, 200);
    const list = await command('users list');
    assert.match(list.output, /^NAME +ROLE +STATE +LOGIN +ID\nada +operator +enabled +local +user-/);

    await command('users role ada readonly');
    await eventually(async () => (await own.fetch('/v1/conversations')).status === 403, 'the new role');
    const changed = await command('users password ada', 'another good password');
    assert.match(changed.output, /1 sessions are over/);
    await eventually(async () => (await me(own)) === 401, 'the end of the session');
    assert.equal((await own.logIn('ada', PASSWORD)).status, 401);
    assert.equal((await own.logIn('ada', 'another good password')).status, 200);
    await command('users disable ada');
    await eventually(async () => (await me(own)) === 401, 'the disabled account');
    assert.equal((await own.logIn('ada', 'another good password')).status, 401);
    await command('users enable ada');
    assert.equal((await own.logIn('ada', 'another good password')).status, 200);
  });

  test('a key is shown once, and its end is known on running nodes at once', async () => {
    const { output } = await command('keys create ci --role readonly --days 2');
    const key = output.trim();
    assert.match(key, /^pp-[\w-]{43}$/);
    const status = async () =>
      (await fetch(`${node.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    assert.equal(await status(), 200);
    const list = await command('keys list');
    assert.ok(!list.output.includes(key));
    assert.ok(list.output.includes(`${key.slice(0, 9)}…  ci    readonly  until `), list.output);
    assert.equal((await command(`keys revoke ${key.slice(0, 9)}`)).status, 0);
    await eventually(async () => (await status()) === 401, 'the revoked key');
    assert.match((await command('keys list')).output, /revoked/);
  });

  test('what it does is in the audit log, without secrets', async () => {
    const shared = JSON.parse(await readFile(config, 'utf8'));
    const rows = await postgres.query(shared.database, 'SELECT * FROM audit_log ORDER BY id');
    const acts = rows.map(({ act }) => act);
    for (const act of [
      'user.create',
      'user.role',
      'user.password',
      'user.disable',
      'key.create',
      'key.revoke',
    ]) {
      assert.ok(acts.includes(act), act);
    }
    assert.ok(!/correct horse|another good|pp-[\w-]{20}/.test(JSON.stringify(rows)));
  });

  test('what can’t be done is said in a line', async () => {
    const cases: [string, string, RegExp][] = [
      ['users create ada', PASSWORD, /^There is an account ada already\.\n$/],
      [
        'users create bob',
        'short',
        /^The password can't be taken: it has 5 characters; 10 are the least\.\n$/,
      ],
      [
        'users create bob --role boss',
        PASSWORD,
        /^boss: it is no role; admin, operator, readonly, user are\n$/,
      ],
      ["users create '", PASSWORD, /^': it must be 1 to 128 letters/],
      ['users disable bob', '', /^bob: there is no such account: polypod-runtime users list\n$/],
      ['keys create x --days no', '', /^--days no: it must be a number of days\n$/],
      ['keys revoke pp-', '', /^pp-: it is neither the id nor the first characters of exactly one valid key/],
    ];
    for (const [args, input, expected] of cases) {
      const { output, errors, status } = await command(args, input);
      assert.match(errors, expected, args);
      assert.deepEqual([output, status], ['', 1], args);
    }
  });
});
