import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, mock, test } from 'node:test';
import { pino } from 'pino';
import { RUNTIME_METRICS } from '../../metrics.cjs';
import type { DatabaseConfig } from '../../src/database/pool.js';
import type { Principal } from '../../src/identity/principal.js';
import { errorCode, json, TestBrowser } from '../support/browser.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const PASSWORD = 'correct horse battery';

describe('logging in by password', () => {
  let postgres: TestPostgres;
  let redis: TestRedis;
  let database: DatabaseConfig;
  let directory: string;
  let nodes: TestNode[];

  before(async () => {
    [postgres, redis] = await Promise.all([startTestPostgres(), startTestRedis()]);
    database = await postgres.database();
    directory = await mkdtemp(join(tmpdir(), 'polypod-login-'));
    const passwordFile = join(directory, 'password');
    await writeFile(passwordFile, `${PASSWORD}\n`);
    nodes = await Promise.all([start(passwordFile), start(passwordFile)]);
    await eventually(async () => (await postgres.query(database, 'SELECT id FROM users')).length === 1);
  });
  after(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await Promise.all([postgres.stop(), redis.stop()]);
    await rm(directory, { recursive: true });
  });

  const start = (passwordFile: string, more = {}) =>
    startTestNode({
      database,
      redis: { host: redis.host, port: redis.port },
      access: {
        firstAdmin: { name: 'ada', passwordFile },
        loginAttempts: { perAddress: 200, perAccount: 5 },
        ...more,
      },
    });
  const browser = (index = 0) => new TestBrowser(nodes[index]?.url ?? '');
  const loggedIn = async (index = 0) => {
    const own = browser(index);
    assert.equal((await own.logIn('ada', PASSWORD)).status, 200);
    return own;
  };
  const status = async (own: TestBrowser) => (await own.fetch('/auth/me')).status;

  test('asks for it, in the way that fits who asks', async () => {
    const api = await fetch(`${browser().url}/v1/models`);
    assert.equal(api.status, 401);
    assert.equal(api.headers.get('www-authenticate'), 'Bearer');
    const { error } = await json<{ error: Record<string, unknown> }>(api);
    assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
    assert.equal(error.code, 'missing_credentials');
    const page = await browser().visit('/?x=1');
    assert.equal(page.status, 303);
    assert.equal(page.headers.get('location'), '/auth/login?next=%2F%3Fx%3D1');
    for (const open of [
      '/api/v1/health',
      '/api/v1/ready',
      '/auth/login',
      '/auth/methods',
      '/assets/base.css',
    ]) {
      assert.equal((await browser().fetch(open)).status, 200, open);
    }
  });

  test('lasts on every node, in a cookie that scripts and other sites do not get', async () => {
    const own = browser();
    const response = await own.logIn('ADA', PASSWORD);
    assert.equal(response.status, 200);
    const [cookie = ''] = response.headers.getSetCookie();
    assert.match(cookie, /^polypod_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
    own.url = browser(1).url;
    const me = await json<Principal>(await own.fetch('/auth/me'));
    assert.deepEqual([me.name, me.role, me.kind], ['ada', 'admin', 'session']);
    const stored = await postgres.query(database, 'SELECT id FROM sessions');
    const secret = own.cookies.get('polypod_session') ?? '';
    assert.ok(stored.length > 0 && !JSON.stringify(stored).includes(secret), 'only its digest is stored');
  });

  test('gives the cookie a name that needs TLS where there is TLS', async () => {
    const node = await start(join(directory, 'password'), { publicUrl: 'https://chat.example.org' });
    try {
      const own = new TestBrowser(node.url);
      const [cookie = ''] = (await own.logIn('ada', PASSWORD)).headers.getSetCookie();
      assert.match(
        cookie,
        /^__Host-polypod_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      );
      assert.equal(await status(own), 200);
      const page = await own.visit('/auth/login');
      assert.equal(page.headers.get('strict-transport-security'), 'max-age=31536000');
      const secret = own.cookies.get('__Host-polypod_session') ?? '';
      own.cookies.clear();
      own.cookies.set('polypod_session', secret);
      assert.equal(await status(own), 401, 'a name that anybody in the network could have set');
    } finally {
      await node.stop();
    }
  });

  test('makes a new session each time, and ends the one before', async () => {
    const own = await loggedIn();
    const before = own.cookies.get('polypod_session') ?? '';
    await own.logIn('ada', PASSWORD);
    assert.notEqual(own.cookies.get('polypod_session'), before);
    own.cookies.set('polypod_session', before);
    assert.equal(await status(own), 401);
    own.cookies.set('polypod_session', 'planted'.padEnd(43, 'x'));
    await own.logIn('ada', PASSWORD);
    assert.notEqual(own.cookies.get('polypod_session'), 'planted'.padEnd(43, 'x'));
  });

  test('ends by logging out, at once on all nodes, and on all devices if wished', async () => {
    const [first, second] = [await loggedIn(0), await loggedIn(1)];
    const kept = first.cookies.get('polypod_session') ?? '';
    assert.deepEqual(await (await first.post('/auth/logout')).json(), { next: '/auth/login' });
    assert.equal(first.cookies.size, 0);
    for (const index of [0, 1]) {
      const thief = browser(index);
      thief.cookies.set('polypod_session', kept);
      await eventually(async () => (await status(thief)) === 401);
    }
    const third = await loggedIn(0);
    assert.equal((await second.post('/auth/logout/all')).status, 200);
    await eventually(async () => (await status(third)) === 401);
  });

  test('says the same of accounts that are not there', async () => {
    const answers = new Set<string>();
    for (const name of ['ada', 'nobody-at-all']) {
      const response = await browser().logIn(name, 'not the password');
      answers.add(`${response.status} ${await response.text()}`);
    }
    assert.equal(answers.size, 1, [...answers].join('\n'));
    await loggedIn();
  });

  test('limits attempts on an account over all nodes, also on one that is not there', async () => {
    for (const name of ['someone', 'nobody']) {
      const statuses = [];
      for (let attempt = 0; attempt < 6; attempt++) {
        statuses.push((await browser(attempt % 2).logIn(name, `wrong password ${attempt}`)).status);
      }
      assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429], name);
    }
    const limited = await browser().logIn('nobody', PASSWORD);
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get('retry-after')) > 0);
    assert.equal(await errorCode(limited), 'too_many_logins');
    await loggedIn();
  });

  test('limits attempts from an address, whatever the account', async () => {
    const limits = { loginAttempts: { perAddress: 3, perAccount: 100 } };
    const database = await postgres.database();
    const node = await startTestNode({ database, access: { mode: 'required', ...limits } });
    try {
      const statuses = [];
      for (let attempt = 0; attempt < 4; attempt++) {
        statuses.push((await new TestBrowser(node.url).logIn(`name-${attempt}`, PASSWORD)).status);
      }
      assert.deepEqual(statuses, [401, 401, 401, 429]);
    } finally {
      await node.stop();
    }
  });

  test('can be made by this site only', async () => {
    const own = await loggedIn();
    const { host } = new URL(own.url);
    const logout = (headers: Record<string, string>) => own.post('/auth/logout/all', undefined, headers);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site', origin: 'https://sub.example.org' },
      { 'sec-fetch-site': 'cross-site', origin: 'null' },
    ]) {
      const response = await logout(headers);
      assert.equal(response.status, 403);
      assert.equal(await errorCode(response), 'cross_site_request');
    }
    const old = await fetch(`${own.url}/auth/login`, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ada', password: PASSWORD }),
    });
    assert.equal(old.status, 403, 'browsers without Sec-Fetch-Site');
    assert.equal(await status(own), 200);
    assert.equal((await logout({ origin: `http://${host}` })).status, 200);
  });

  test('survives a Redis that loses all it has, and a PostgreSQL that is away', async () => {
    const [first, second] = [await loggedIn(0), await loggedIn(1)];
    await redis.kill();
    assert.equal(await status(first), 200);
    first.url = browser(1).url;
    assert.equal(await status(first), 200, 'from PostgreSQL');
    await redis.restart();
    const isQuiet = async (name: string) => {
      const texts = await Promise.all(nodes.map(async ({ node }) => (await fetch(node.metricsUrl)).text()));
      return texts.every((text) => new RegExp(`^${name} 0$`, 'm').test(text));
    };
    await eventually(() => isQuiet(RUNTIME_METRICS.cacheRedisAway.name), 'Redis at both nodes');
    assert.equal(await status(second), 200);

    const third = await loggedIn(0);
    await eventually(() => isQuiet(RUNTIME_METRICS.cacheUnsent.name), 'the session in Redis');
    await postgres.kill();
    try {
      assert.equal(await status(third), 200);
      third.url = browser(1).url;
      assert.equal(await status(third), 200, 'from Redis, on a node that has not seen it');
      await eventually(async () => (await browser().logIn('ada', PASSWORD)).status === 503);
      // Nobody can say whether there is such a session.
      const stranger = browser();
      stranger.cookies.set('polypod_session', 'x'.repeat(43));
      assert.equal(await status(stranger), 503);
      const left = await third.post('/auth/logout');
      assert.equal(left.status, 200);
    } finally {
      await postgres.restart();
    }
    await eventually(async () => (await browser().logIn('ada', PASSWORD)).status === 200);
  });

  test('ends when nobody uses it, or when its time is over', async () => {
    const node = await start(join(directory, 'password'), {
      sessions: { idleSeconds: 1000, absoluteSeconds: 3000 },
    });
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const later = (seconds: number) => mock.timers.setTime(Date.now() + seconds * 1000);
    try {
      const [idle, busy] = [new TestBrowser(node.url), new TestBrowser(node.url)];
      await idle.logIn('ada', PASSWORD);
      await busy.logIn('ada', PASSWORD);
      for (let seconds = 0; seconds < 2800; seconds += 400) {
        assert.equal(await status(busy), 200, `after ${seconds} s`);
        assert.equal(seconds === 800 ? await status(idle) : 200, 200);
        later(400);
      }
      assert.equal(await status(idle), 401, 'nobody has used it for 1000 s');
      assert.equal(await status(busy), 200);
      later(300);
      assert.equal(await status(busy), 401, 'it is 3100 s old');
    } finally {
      mock.timers.reset();
      await node.stop();
    }
  });

  test('leaves no secret in the log, whatever comes', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const passwordFile = join(directory, 'password');
    const node = await startTestNode(
      {
        database,
        redis: { host: redis.host, port: redis.port },
        access: { firstAdmin: { name: 'ada', passwordFile } },
      },
      logger,
    );
    const secrets = [PASSWORD];
    try {
      const own = new TestBrowser(node.url);
      await own.logIn('ada', PASSWORD);
      secrets.push(own.cookies.get('polypod_session') ?? '');
      assert.equal(await status(own), 200);
      const secret = () => {
        const made = `s3cret${secrets.length}${'x'.repeat(40)}`;
        secrets.push(made);
        return made;
      };
      const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
      await own.fetch(`/v1/models?api_key=${secret()}`);
      await own.fetch('/v1/models', bearer(`pp-${secret()}`));
      await own.fetch('/v1/models', bearer(`${secret()}.${secret()}.${secret()}`));
      await own.logIn('ada', secret());
      await own.logIn(secret(), secret());
      await own.post('/auth/login', { name: 'ada', password: secret(), more: secret() });
      await own.fetch(`/auth/oidc/callback?code=${secret()}&state=${secret()}`);
      await own.post('/v1/completions', { model: 'demo', prompt: secret(), max_tokens: 1, more: secret() });
      await own.post('/v1/chat/completions', { model: secret(), messages: [secret()] });
      await own.fetch(`/nowhere/${secret()}`);
      const cookie = [...own.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      await ChatClient.refused(node.url, { cookie }, `?token=${secret()}`);
      const client = await ChatClient.connect(node.url, { cookie });
      client.send({ type: 'start', id: 'a-start-of-ada', model: 'demo', content: secret(), more: secret() });
      await client.next('error');
      const { message } = await client.start(secret(), { options: { max_tokens: 1 } });
      await client.done(message);
      client.close();
      await own.post('/auth/logout');
    } finally {
      await node.stop();
    }
    const log = lines.join('');
    assert.match(log, /request refused/);
    assert.match(log, /login refused/);
    for (const secret of secrets)
      assert.ok(
        !log.includes(secret),
        lines.find((line) => line.includes(secret)),
      );
  });

  test('takes SQL for a name, and line breaks for nothing else', async () => {
    for (const name of ["ada' OR '1'='1", "'; DROP TABLE users; --", 'ada\r\nset-cookie: x=y', 'ada\u0000']) {
      const response = await browser().logIn(name, PASSWORD);
      assert.ok([400, 401].includes(response.status), `${JSON.stringify(name)}: ${response.status}`);
      assert.deepEqual(response.headers.getSetCookie(), []);
    }
    await loggedIn();
    const next = await browser().visit('/?a=%0d%0aset-cookie:%20x=y');
    assert.equal(next.headers.get('set-cookie'), null);
  });
});
