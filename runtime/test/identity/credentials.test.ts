import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, mock, test } from 'node:test';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import OpenAI from 'openai';
import { pino } from 'pino';
import { HybridCache } from '../../src/cache/hybrid-cache.js';
import { connectDatabase, type Database } from '../../src/database/database.js';
import { ApiKeys } from '../../src/identity/api-keys.js';
import { AuditLog } from '../../src/identity/audit.js';
import { Jwt } from '../../src/identity/jwt.js';
import type { AccessRole, Principal } from '../../src/identity/principal.js';
import { Metrics } from '../../src/operations/metrics.js';
import { errorCode, json, TestBrowser } from '../support/browser.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const SECRET = 'a shared secret of more than thirty-two bytes';
const CLAIMS = { sub: 'service', iss: 'https://issuer.example', aud: 'polypod' };

describe('credentials of programs', () => {
  let postgres: TestPostgres;
  let database: Database;
  let node: TestNode;
  let keys: ApiKeys;
  let directory: string;
  const metrics = new Metrics();
  const cache = new HybridCache({ connections: undefined, nodeId: 'test', metrics });

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-keys-'));
    await writeFile(join(directory, 'jwt'), SECRET);
    postgres = await startTestPostgres();
    const config = await postgres.database();
    database = await connectDatabase(config, { onOutage: () => {} });
    keys = new ApiKeys(database, cache);
    node = await startTestNode({
      database: config,
      websocket: { heartbeatSeconds: 2 },
      access: {
        mode: 'required',
        jwt: {
          secretFile: join(directory, 'jwt'),
          issuer: CLAIMS.iss,
          audience: CLAIMS.aud,
          roleClaim: 'realm_access.roles',
          roles: { boss: 'admin' },
          clockSkewSeconds: 5,
        },
      },
    });
  });
  after(async () => {
    await node.stop();
    await database.close();
    await postgres.stop();
    await rm(directory, { recursive: true });
  });

  const get = (token: string, path = '/auth/me') =>
    fetch(`${node.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const keyOf = async (role: AccessRole, expires: Date | null = null) =>
    (await keys.create(`${role}'s`, role, expires)).key;

  test('keys work as OpenAI’s clients send them', async () => {
    const apiKey = await keyOf('user');
    const client = new OpenAI({ baseURL: `${node.url}/v1`, apiKey, maxRetries: 0 });
    assert.equal((await client.models.list()).data[0]?.id, 'demo');
    const wrong = new OpenAI({ baseURL: `${node.url}/v1`, apiKey: 'sk-nonsense', maxRetries: 0 });
    await assert.rejects(wrong.models.list(), OpenAI.AuthenticationError);
  });

  test('keys are stored as digests, expire, and can be revoked', async () => {
    const [key, late] = [await keyOf('user'), await keyOf('user', new Date(Date.now() - 1000))];
    const rows = await database.db.selectFrom('api_keys').selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(key));
    assert.equal((await get(key)).status, 200);
    const expired = await get(late);
    assert.deepEqual([expired.status, await errorCode(expired)], [401, 'expired_api_key']);
    const unknown = await get(`${key.slice(0, -1)}_`);
    assert.deepEqual([unknown.status, await errorCode(unknown)], [401, 'invalid_api_key']);
    const other = await keyOf('user');
    assert.ok(await keys.revoke(other.slice(0, 9)));
    assert.equal((await get(other)).status, 401);
    assert.equal((await get(key)).status, 200);
    assert.ok(!(await keys.revoke('pp-')), 'what names no key, or several');
  });

  test('tokens are taken with the role that their claims say', async () => {
    const role = async (claims: object) => (await json<Principal>(await get(await token(claims)))).role;
    assert.equal(await role({}), 'user');
    assert.equal(await role({ realm_access: { roles: ['other', 'operator'] } }), 'operator');
    assert.equal(await role({ realm_access: { roles: ['readonly', 'boss'] } }), 'admin');
    const me = await json<Principal>(await get(await token({ preferred_username: 'robo\nt' })));
    assert.deepEqual([me.id, me.name, me.kind], ['jwt:service', 'robo t', 'jwt']);
  });

  test('tokens that are forged, late or for others are refused, logged and counted', async () => {
    const now = Math.floor(Date.now() / 1000);
    const good = await token({});
    const [header = '', payload = '', signature = ''] = good.split('.');
    const admin = Buffer.from(
      JSON.stringify({ ...CLAIMS, exp: now + 60, realm_access: { roles: ['admin'] } }),
    );
    const { privateKey } = await generateKeyPair('RS256');
    const cases: Record<string, string> = {
      'another secret': await token({}, 'another secret of more than thirty-two bytes'),
      'another payload': `${header}.${admin.toString('base64url')}.${signature}`,
      'alg none': new UnsecuredJWT({ ...CLAIMS }).setExpirationTime('1h').encode(),
      'alg none with the signature': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.${signature}`,
      'another algorithm': await new SignJWT({ ...CLAIMS })
        .setProtectedHeader({ alg: 'RS256' })
        .setExpirationTime('1h')
        .sign(privateKey),
      'another hash': await token({}, SECRET, 'HS512'),
      'another audience': await token({ aud: 'others' }),
      'another issuer': await token({ iss: 'https://evil.example' }),
      'not yet': await token({ nbf: now + 60 }),
      'without end': await new SignJWT({ ...CLAIMS })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(createSecretKey(Buffer.from(SECRET))),
      'nobody’s': await token({ sub: undefined }),
      'a number’s': await token({ sub: 7 }),
      'with a NUL in its subject': await token({ sub: 'ada\0' }),
      'with a kid that is a file': await new SignJWT({ ...CLAIMS })
        .setProtectedHeader({ alg: 'HS256', kid: '/dev/null' })
        .setExpirationTime('1h')
        .sign(Buffer.alloc(32)),
    };
    const before = await refusals();
    for (const [name, bad] of Object.entries(cases)) {
      const response = await get(bad, '/v1/models');
      assert.equal(response.status, 401, name);
      const { error } = await json<{ error: Record<string, unknown> }>(response);
      assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type'], name);
      assert.equal(error.code, 'invalid_token', name);
    }
    assert.equal((await refusals()) - before, Object.keys(cases).length);
    const expired = await get(await token({ exp: now - 10 }));
    assert.deepEqual([expired.status, await errorCode(expired)], [401, 'expired_token']);
    assert.equal(
      (await get(await token({ exp: Math.floor(Date.now() / 1000) - 1 }))).status,
      200,
      'within the clocks’ skew',
    );
    for (const header of ['Bearer', 'Basic YWRhOnB3', 'Bearer a b', 'bearer  ']) {
      const response = await fetch(`${node.url}/v1/models`, { headers: { authorization: header } });
      assert.equal(response.status, 401, header);
    }
  });

  test('tokens can be signed with the keys that an issuer publishes', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' };
    const asked: (string | undefined)[] = [];
    const server: Server = createServer(({ url }, response) => {
      asked.push(url);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    const rules = { roleClaim: 'roles', roles: {}, defaultRole: 'none', clockSkewSeconds: 0 } as const;
    const jwt = await Jwt.open({ jwksUrl, issuer: CLAIMS.iss, audience: CLAIMS.aud, ...rules });
    const sign = (claims: JWTPayload) =>
      new SignJWT({ ...CLAIMS, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setExpirationTime('1h')
        .sign(privateKey);
    assert.equal((await jwt.verify(await sign({ roles: 'readonly' }))).role, 'readonly');
    await assert.rejects(jwt.verify(await sign({})), /no role/);
    // The public key is no secret: whoever signs with it as one must not get in.
    const confused = await new SignJWT({ ...CLAIMS, roles: 'admin' })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setExpirationTime('1h')
      .sign(Buffer.from(JSON.stringify(jwk)));
    await assert.rejects(jwt.verify(confused), { code: 'ERR_JOSE_ALG_NOT_ALLOWED' });
    // Keys that a token brings, or names, are nobody's.
    const own = await generateKeyPair('ES256');
    const forged = (header: object) =>
      new SignJWT({ ...CLAIMS, roles: 'admin' })
        .setProtectedHeader({ alg: 'ES256', ...header })
        .setExpirationTime('1h')
        .sign(own.privateKey);
    for (const header of [
      { kid: 'one' },
      { kid: 'one', jwk: await exportJWK(own.publicKey) },
      { kid: 'one', jku: `${jwksUrl}/of-somebody-else` },
      { kid: 'two' },
      { kid: '../../../../dev/null' },
      { kid: "one' UNION SELECT 'key" },
      {},
    ]) {
      await assert.rejects(
        jwt.verify(await forged(header)),
        /signature verification failed|no applicable key/,
      );
    }
    const critical = await new SignJWT({ ...CLAIMS, roles: 'admin' })
      .setProtectedHeader({ alg: 'ES256', kid: 'one', crit: ['b64'], b64: true })
      .setExpirationTime('1h')
      .sign(privateKey);
    await assert.rejects(
      jwt.verify(critical.replace(/^[^.]+/, header({ alg: 'ES256', kid: 'one', crit: ['x'], x: 1 }))),
    );
    assert.equal(
      asked.every((path) => path === '/keys'),
      true,
      'nothing but the issuer’s keys is fetched',
    );
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const late = await Jwt.open({ jwksUrl, issuer: CLAIMS.iss, audience: CLAIMS.aud, ...rules });
    await assert.rejects(late.verify(await sign({ roles: 'user' })), { name: 'IssuerAway' });
  });

  test('a secret that is too short keeps the node from starting, with the mend', async () => {
    await writeFile(join(directory, 'short'), 'secret');
    const jwt = { secretFile: join(directory, 'short'), issuer: 'a', audience: 'b' };
    await assert.rejects(startTestNode({ access: { jwt } }), /6 bytes; 32 are the least: openssl rand/);
  });

  test('roles include what seed 002 says, route by route', async () => {
    const expected: Record<AccessRole, readonly number[]> = {
      admin: [200, 200, 200, 200, 202],
      operator: [200, 200, 200, 403, 202],
      readonly: [200, 403, 200, 403, 403],
      user: [200, 200, 403, 403, 403],
    };
    for (const [role, statuses] of Object.entries(expected)) {
      const key = await keyOf(role as AccessRole);
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ model: 'demo', prompt: 'Hi', max_tokens: 1 });
      const answers = await Promise.all([
        get(key, '/v1/models'),
        fetch(`${node.url}/v1/completions`, { method: 'POST', headers, body }),
        get(key, '/api/v1/health/detailed'),
        get(key, '/api/v1/cache/status'),
        fetch(`${node.url}/api/v1/cluster/integrity`, { method: 'POST', headers, body: '{}' }),
      ]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        statuses,
        role,
      );
    }
  });

  test('administrative acts are in the audit log, which pages and only administrators read', async () => {
    const key = await keyOf('operator');
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const act = () => fetch(`${node.url}/api/v1/cluster/integrity`, { method: 'POST', headers, body: '{}' });
    await act();
    await act();
    const refused = await keyOf('readonly');
    await fetch(`${node.url}/api/v1/cluster/integrity`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${refused}` },
      body: '{}',
    });
    interface Page {
      data: { id: number; act: string; status: number; actor: { name: string } }[];
      has_more: boolean;
    }
    const admin = await keyOf('admin');
    const page = async (query: string) => json<Page>(await get(admin, `/api/v1/audit${query}`));
    await eventually(async () => (await page('')).data.filter(({ status }) => status === 403).length > 0);
    const { data } = await page('');
    const acts = data.map(({ act, status, actor }) => `${actor.name} ${act} ${status}`);
    const done = acts.filter((each) => each === "operator's POST /api/v1/cluster/integrity 202");
    assert.ok(done.length >= 2, acts.join('\n'));
    assert.ok(acts.includes("readonly's POST /api/v1/cluster/integrity 403"), acts.join('\n'));
    const nobody = await fetch(`${node.url}/api/v1/cluster/integrity`, { method: 'POST' });
    assert.equal(nobody.status, 401);
    assert.ok(!acts.some((each) => each.startsWith('anonymous')), 'nobody can fill it');
    const first = await page('?limit=1');
    assert.equal(first.has_more, true);
    const second = await page(`?limit=1&before=${first.data[0]?.id}`);
    assert.ok((second.data[0]?.id ?? 0) < (first.data[0]?.id ?? 0));
    assert.equal((await get(key, '/api/v1/audit')).status, 403);
    assert.equal((await get(admin, '/api/v1/audit?before=1;DROP TABLE users')).status, 400);
  });

  test('an act that PostgreSQL does not take is in the node’s own log', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const log = new AuditLog({ database: undefined, nodeId: 'n', logger, metrics });
    await log.record({ actor: { id: 'a', name: 'ada' }, act: 'test', target: 'this' });
    assert.match(lines.join(''), /"act":"test","target":"this"/);
  });

  test('streams and stored responses are their owner’s, and administrators’', async () => {
    const [mine, yours, admin] = [await keyOf('user'), await keyOf('user'), await keyOf('admin')];
    const client = new OpenAI({ baseURL: `${node.url}/v1`, apiKey: mine, maxRetries: 0 });
    const { id } = await client.responses.create({ model: 'demo', input: 'Hi', max_output_tokens: 16 });
    const streamed = await client.chat.completions
      .create({ model: 'demo', messages: [{ role: 'user', content: 'Hi' }], stream: true, max_tokens: 4 })
      .asResponse();
    const stream = streamed.headers.get('polypod-resume-url') ?? '';
    await streamed.text();
    const as = (key: string, path: string, method = 'GET') =>
      fetch(`${node.url}${path}`, { method, headers: { authorization: `Bearer ${key}` } });
    for (const [path, method] of [
      [`/v1/responses/${id}`, 'GET'],
      [`/v1/responses/${id}?stream=true`, 'GET'],
      [`/v1/responses/${id}/input_items`, 'GET'],
      [`/v1/responses/${id}/cancel`, 'POST'],
      [`/v1/responses/${id}`, 'DELETE'],
      [stream, 'GET'],
      [`${stream}/cancel`, 'POST'],
    ] as const) {
      const other = await as(yours, path, method);
      assert.equal(other.status, 404, `${method} ${path}`);
      const gone = await as(yours, path.replace(/(resp_|chatcmpl-)\w+/, '$1none'), method);
      const say = async (response: Response) =>
        (await response.text()).replaceAll(/(resp_|chatcmpl-)\w+/g, 'ID');
      assert.equal(await say(other), await say(gone), 'as if there were none');
    }
    const chained = await fetch(`${node.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${yours}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'demo', input: 'And?', previous_response_id: id }),
    });
    assert.deepEqual([chained.status, await errorCode(chained)], [404, 'previous_response_not_found']);
    for (const key of [mine, admin]) {
      assert.equal((await as(key, `/v1/responses/${id}`)).status, 200);
      assert.equal((await as(key, stream)).status, 200);
    }
    assert.equal((await as(mine, `/v1/responses/${id}`, 'DELETE')).status, 200);
  });

  test('a WebSocket is closed once its key is revoked, or its token has expired', async () => {
    const connect = (bearer: string) => ChatClient.connect(node.url, { authorization: `Bearer ${bearer}` });
    const { id, key } = await keys.create('revoked', 'user', null);
    const now = Math.floor(Date.now() / 1000);
    const [revoked, expiring, kept] = await Promise.all([
      connect(key),
      connect(await token({ exp: now + 30 })),
      connect(await keyOf('user')),
    ]);
    await keys.revoke(id);
    // Nobody tells this node: another process, without a Redis between them.
    const later = Date.now() + 60_000;
    mock.timers.enable({ apis: ['Date'], now: later });
    try {
      for (const client of [revoked, expiring]) {
        assert.deepEqual(await client.whenClosed(), { code: 1008, reason: 'the login has ended' });
      }
      kept.send({ type: 'ping', request: 'p' });
      await kept.next('pong');
      kept.close();
    } finally {
      mock.timers.reset();
    }
  });

  test('settings are each user’s own', async () => {
    const [mine, yours] = [await keyOf('user'), await keyOf('user')];
    const put = (key: string, body: string) =>
      fetch(`${node.url}/auth/settings`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body,
      });
    const settings = { model: "demo'; DROP TABLE users; --", nested: { dark: true } };
    assert.equal((await put(mine, JSON.stringify(settings))).status, 200);
    assert.deepEqual(await json(await get(mine, '/auth/settings')), settings);
    assert.deepEqual(await json(await get(yours, '/auth/settings')), {});
    assert.equal((await put(mine, JSON.stringify({ big: 'x'.repeat(20_000) }))).status, 400);
    assert.equal((await put(mine, '[]')).status, 400);
    assert.equal((await put(mine, '{"null":"\\u0000"}')).status, 400);
  });

  async function refusals(): Promise<number> {
    const text = await (await fetch(node.node.metricsUrl)).text();
    return Number(/polypod_access_refused_total\{reason="token"\} (\d+)/.exec(text)?.[1] ?? 0);
  }
});

test('without a login every browser is somebody of its own, who may chat and look but not act', async () => {
  const node = await startTestNode();
  try {
    const [first, second] = [new TestBrowser(node.url), new TestBrowser(node.url)];
    for (const own of [first, second]) {
      const page = await own.visit('/');
      assert.equal(page.status, 200);
      assert.match(
        page.headers.get('set-cookie') ?? '',
        /^polypod_browser=[\w-]{43}; .*HttpOnly; SameSite=Lax$/,
      );
    }
    const me = async (own: TestBrowser) => json<Principal>(await own.fetch('/auth/me'));
    const ids = [await me(first), await me(second)].map(({ id }) => id);
    assert.equal(new Set(ids).size, 2);
    assert.ok(!ids.some((id) => [...first.cookies.values()].some((secret) => id.includes(secret))));
    const answer = await first.post('/v1/responses', { model: 'demo', input: 'Hi', max_output_tokens: 16 });
    const { id } = await json<{ id: string }>(answer);
    assert.equal((await first.fetch(`/v1/responses/${id}`)).status, 200);
    assert.equal((await second.fetch(`/v1/responses/${id}`)).status, 404);
    assert.equal((await fetch(`${node.url}/v1/responses/${id}`)).status, 404);
    assert.equal((await first.fetch('/api/v1/health/detailed')).status, 200);
    for (const [method, path] of [
      ['GET', '/api/v1/cache/status'],
      ['GET', '/api/v1/audit'],
      ['POST', '/api/v1/cluster/leave'],
      ['POST', '/api/v1/cluster/integrity'],
    ] as const) {
      assert.equal((await first.fetch(path, { method })).status, 401, path);
    }
    assert.equal((await first.post('/auth/login', { name: 'ada', password: 'x' })).status, 503);
  } finally {
    await node.stop();
  }
});

async function token(claims: object, secret = SECRET, alg = 'HS256'): Promise<string> {
  const jwt = new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader({ alg }).setIssuedAt();
  if (!('exp' in claims)) jwt.setExpirationTime('1h');
  return jwt.sign(createSecretKey(Buffer.from(secret)));
}

function header(fields: object): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}
