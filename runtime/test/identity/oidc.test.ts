import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Provider from 'oidc-provider';
import { type Logger, pino } from 'pino';
import type { DatabaseConfig } from '../../src/database/pool.js';
import { freePort } from '../../src/free-port.js';
import type { Principal } from '../../src/identity/principal.js';
import { errorCode, json, TestBrowser } from '../support/browser.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const CLIENT_SECRET = 'a secret that only the two know, of some length';
/** Where the provider sends browsers back to: what a balancer in front of all nodes would be called. */
const PUBLIC_URL = 'https://chat.example.org';

describe('logging in at an OpenID provider', () => {
  let postgres: TestPostgres;
  let database: DatabaseConfig;
  let directory: string;
  let provider: TestProvider;
  let nodes: TestNode[];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-oidc-'));
    await writeFile(join(directory, 'secret'), CLIENT_SECRET);
    [postgres, provider] = await Promise.all([startTestPostgres(), startProvider()]);
    database = await postgres.database();
    nodes = await Promise.all([start(), start()]);
  });
  after(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await Promise.all([postgres.stop(), provider.stop()]);
    await rm(directory, { recursive: true });
  });

  const start = (more = {}, logger?: Logger) => {
    const oidc = {
      issuer: provider.issuer,
      clientId: 'polypod',
      clientSecretFile: join(directory, 'secret'),
      label: 'Example login',
      roleClaim: 'groups',
      roles: { 'llm-admins': 'admin', staff: 'user' } as const,
      defaultRole: 'none' as const,
      ...more,
    };
    return startTestNode({ database, access: { publicUrl: PUBLIC_URL, oidc } }, logger);
  };
  const browser = (index = 0) => new TestBrowser(nodes[index]?.url ?? '');
  /** Goes to the provider and back as far as the callback, which it returns. */
  const callbackOf = async (own: TestBrowser, login: string, next = '/') => {
    const begun = await own.visit(`/auth/oidc/login?next=${encodeURIComponent(next)}`);
    assert.equal(begun.status, 303, await begun.clone().text());
    const url = new URL(begun.headers.get('location') ?? '');
    const back = await provider.logIn(url, login);
    assert.equal(back.origin, PUBLIC_URL);
    return { callback: `${back.pathname}${back.search}`, asked: url.searchParams };
  };

  test('uses PKCE, a state and a nonce', async () => {
    const { asked } = await callbackOf(browser(), 'ada');
    assert.equal(asked.get('code_challenge_method'), 'S256');
    assert.match(asked.get('code_challenge') ?? '', /^[\w-]{43}$/);
    assert.ok((asked.get('state') ?? '').length > 40 && (asked.get('nonce') ?? '').length > 40);
  });

  test('ends at another node than it began at, with the role that the claims say', async () => {
    const own = browser(0);
    const { callback } = await callbackOf(own, 'ada', '/#chat');
    own.url = browser(1).url;
    const done = await own.visit(callback);
    assert.equal(done.status, 303, await done.clone().text());
    assert.equal(done.headers.get('location'), '/#chat');
    for (const index of [0, 1]) {
      own.url = browser(index).url;
      const me = await json<Principal>(await own.fetch('/auth/me'));
      assert.deepEqual([me.name, me.role, me.kind], ['ada@example.org', 'admin', 'session']);
    }
    const again = browser(1);
    await again.visit((await callbackOf(again, 'ada')).callback);
    const accounts = await postgres.query(database, `SELECT id FROM users WHERE subject = 'ada'`);
    assert.equal(accounts.length, 1);
  });

  test('logs out at the provider, too', async () => {
    const own = browser();
    await own.visit((await callbackOf(own, 'ada')).callback);
    const { next } = await json<{ next: string }>(await own.post('/auth/logout'));
    const url = new URL(next);
    assert.equal(url.origin, new URL(provider.issuer).origin);
    assert.equal(url.searchParams.get('post_logout_redirect_uri'), `${PUBLIC_URL}/auth/login`);
    assert.ok(url.searchParams.get('id_token_hint'));
    assert.equal((await own.fetch('/auth/me')).status, 401);
  });

  test('refuses a state that was used, is another browser’s, or was never given', async () => {
    const own = browser();
    const { callback } = await callbackOf(own, 'ada');
    const kept = new Map(own.cookies);
    assert.equal((await own.visit(callback)).status, 303);
    for (const index of [0, 1]) {
      const replay = browser(index);
      for (const [name, value] of kept) replay.cookies.set(name, value);
      const response = await replay.fetch(callback);
      assert.equal(response.status, 400);
      assert.equal(await errorCode(response), 'login_state_unknown');
    }
    const { callback: other } = await callbackOf(own, 'ada');
    const stranger = await browser().fetch(other);
    assert.deepEqual([stranger.status, await errorCode(stranger)], [400, 'login_state_mismatch']);
    const forged = await own.fetch('/auth/oidc/callback?code=x&state=forged');
    assert.deepEqual([forged.status, await errorCode(forged)], [400, 'login_state_mismatch']);
    const none = await own.fetch('/auth/oidc/callback');
    assert.equal(none.status, 400);
    const page = await browser().visit('/auth/oidc/callback?code=x&state=forged');
    assert.equal(page.headers.get('location'), '/auth/login?problem=login_state_mismatch');
  });

  test('lets two callbacks at once do one login', async () => {
    const own = browser();
    const { callback } = await callbackOf(own, 'ada');
    const copies = [0, 1].map((index) => {
      const copy = browser(index);
      for (const [name, value] of own.cookies) copy.cookies.set(name, value);
      return copy.fetch(callback);
    });
    const statuses = (await Promise.all(copies)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [303, 400]);
  });

  test('refuses a wrong code, and what the provider refuses', async () => {
    const own = browser();
    const { callback } = await callbackOf(own, 'ada');
    const wrong = await own.fetch(callback.replace(/code=[^&]+/, 'code=wrong'));
    assert.deepEqual([wrong.status, await errorCode(wrong)], [400, 'login_refused']);
    const { asked } = await callbackOf(own, 'ada');
    const denied = `/auth/oidc/callback?error=access_denied&state=${asked.get('state')}&iss=${encodeURIComponent(provider.issuer)}`;
    const response = await own.fetch(denied);
    assert.deepEqual([response.status, await errorCode(response)], [400, 'login_refused']);
  });

  test('leaves no secret of a login in the log, whether it ends well or not', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const node = await start({}, logger);
    const secrets = [CLIENT_SECRET];
    try {
      for (const spoil of [(callback: string) => callback, (callback: string) => `${callback}x`]) {
        for (const spoilCode of [false, true]) {
          const own = new TestBrowser(node.url);
          const { callback, asked } = await callbackOf(own, 'ada');
          const query = new URLSearchParams(callback.split('?')[1]);
          for (const name of ['state', 'nonce']) secrets.push(asked.get(name) ?? '');
          secrets.push(query.get('code') ?? '');
          await own.fetch(spoil(spoilCode ? callback.replace('code=', 'code=x') : callback));
          secrets.push(...[...own.cookies.values()].filter((value) => value.length > 20));
          await own.post('/auth/logout');
        }
      }
    } finally {
      await node.stop();
    }
    assert.match(lines.join(''), /login failed/);
    for (const secret of secrets.filter((each) => each !== '')) {
      assert.ok(
        !lines.join('').includes(secret),
        lines.find((line) => line.includes(secret)),
      );
    }
    const tokens = await postgres.query(database, 'SELECT id_token FROM sessions WHERE id_token IS NOT NULL');
    for (const { id_token: token } of tokens) assert.ok(!lines.join('').includes(String(token)));
  });

  test('lets nobody in who has no role, or is disabled', async () => {
    const own = browser();
    const nobody = await own.fetch((await callbackOf(own, 'nobody')).callback);
    assert.deepEqual([nobody.status, await errorCode(nobody)], [403, 'login_without_role']);
    await own.visit((await callbackOf(own, 'bob')).callback);
    assert.equal((await json<Principal>(await own.fetch('/auth/me'))).role, 'user');
    await postgres.query(database, `UPDATE users SET disabled_at = now() WHERE subject = 'bob'`);
    const disabled = await own.fetch((await callbackOf(own, 'bob')).callback);
    assert.deepEqual([disabled.status, await errorCode(disabled)], [403, 'account_disabled']);
  });

  test('goes back to pages of this site only', async () => {
    for (const next of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
    ]) {
      const own = browser();
      const done = await own.visit((await callbackOf(own, 'ada', next)).callback);
      assert.equal(done.headers.get('location'), '/', next);
    }
  });

  test('says so while the provider is away, and works once it is there', async () => {
    const port = await freePort();
    const node = await start({ issuer: `http://127.0.0.1:${port}` });
    try {
      const own = new TestBrowser(node.url);
      const away = await own.fetch('/auth/oidc/login');
      assert.deepEqual([away.status, await errorCode(away)], [503, 'provider_unavailable']);
      assert.equal((await own.fetch('/auth/methods')).status, 200);
      const late = await startProvider(port);
      try {
        assert.equal((await own.fetch('/auth/oidc/login')).status, 303);
      } finally {
        await late.stop();
      }
    } finally {
      await node.stop();
    }
  });
});

interface TestProvider {
  readonly issuer: string;
  /** Logs in and consents, as somebody would in a browser; returns where that leads. */
  logIn(url: URL, login: string): Promise<URL>;
  stop(): Promise<void>;
}

const PEOPLE: Readonly<Record<string, { email: string; groups: string[] }>> = {
  ada: { email: 'ada@example.org', groups: ['staff', 'llm-admins'] },
  bob: { email: 'bob@example.org', groups: ['staff'] },
  nobody: { email: 'nobody@example.org', groups: ['others'] },
};

/** A real OpenID provider, whose log-in and consent pages are forms without style. */
async function startProvider(given?: number): Promise<TestProvider> {
  const port = given ?? (await freePort());
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'polypod',
        client_secret: CLIENT_SECRET,
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: [`${PUBLIC_URL}/auth/oidc/callback`],
        post_logout_redirect_uris: [`${PUBLIC_URL}/auth/login`],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...PEOPLE[id] }),
    }),
    pkce: { required: () => true },
  });
  const server: Server = createServer(provider.callback());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    issuer,
    async logIn(url, login) {
      const own = new TestBrowser(issuer);
      let response = await own.fetch(url.href);
      for (let step = 0; step < 10; step++) {
        const location = response.headers.get('location');
        if (location !== null) {
          const next = new URL(location, issuer);
          if (next.origin !== issuer) return next;
          response = await own.fetch(next.href);
          continue;
        }
        const form = await response.text();
        const action = /action="([^"]+)"/.exec(form)?.[1] ?? '';
        const prompt = /name="prompt" value="(\w+)"/.exec(form)?.[1] ?? '';
        const fields = { prompt, ...(prompt === 'login' && { login, password: 'any' }) };
        response = await own.fetch(action, { method: 'POST', body: new URLSearchParams(fields) });
      }
      throw new Error('the provider never sent the browser back');
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
