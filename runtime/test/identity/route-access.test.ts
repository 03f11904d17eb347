import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { giveAccess, ROUTES } from '../../src/identity/route-access.js';
import { startTestNode } from '../support/node.js';

test('every route of a node has an entry in the table, and every entry a route', async () => {
  const node = await startTestNode();
  try {
    const routes = node.node.routes.filter((route) => !/^(HEAD|OPTIONS) /.test(route));
    assert.deepEqual([...new Set(routes)].sort(), Object.keys(ROUTES).sort());
  } finally {
    await node.stop();
  }
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
