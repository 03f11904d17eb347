import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { configSchema } from '../../src/config/config.js';
import { LiveConfig } from '../../src/config/live-config.js';
import { loadConfig } from '../../src/config/load-config.js';

describe('the configuration', () => {
  let path: string;
  before(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'polypod-test-')), 'config.yaml');
  });
  after(() => rm(join(path, '..'), { recursive: true, force: true }));

  const load = async (text: string, environment: NodeJS.ProcessEnv = {}) => {
    await writeFile(path, text);
    return loadConfig({ path, required: true }, environment);
  };

  it('has a default for everything', async () => {
    const config = await load('');
    assert.equal(config.role, 'all');
    assert.equal(config.ports.api, 8080);
    assert.deepEqual(
      config.models.map(({ id, source }) => ({ id, source })),
      [{ id: 'demo', source: 'demo:' }],
    );
    assert.equal(config.redis, undefined);
  });

  it('takes the environment over the file', async () => {
    const config = await load('role: worker\nredis:\n  host: a\n  port: 1\n', {
      POLYPOD_ROLE: 'gateway',
      REDIS_PORT: '6380',
      REDIS_TLS: 'true',
      PGHOST: 'db',
      DRAIN_TIMEOUT_SECONDS: '5',
      MODEL_DIR: '',
    });
    assert.equal(config.role, 'gateway');
    assert.deepEqual([config.redis?.host, config.redis?.port, config.redis?.tls], ['a', 6380, true]);
    assert.equal(config.database?.host, 'db');
    assert.equal(config.drainSeconds, 5);
    assert.equal(config.modelDirectory, '.polypod/models');
  });

  it('runs the one model that MODEL names', async () => {
    const of = async (MODEL: string) =>
      (await load('', { MODEL })).models.map(({ id, source }) => `${id} ${source}`);
    assert.deepEqual(await of('hf:owner/repo/Small-Q4.gguf'), ['Small-Q4 hf:owner/repo/Small-Q4.gguf']);
    assert.deepEqual(await of('/models/x.gguf'), ['x file:/models/x.gguf']);
    assert.deepEqual(await of('demo:'), ['demo demo:']);
    for (const secret of ['?X-Signature=a/b', '#a/b']) {
      const source = `https://example.com/m.gguf${secret}`;
      assert.deepEqual(await of(source), [`m ${source}`], 'its query is in no name');
    }
    assert.deepEqual(await of('/models/a#b?.gguf'), ['a#b? file:/models/a#b?.gguf']);
  });

  it('tells all that is wrong at once, each with its path and where it comes from', async () => {
    const text =
      'rolle: all\nports:\n  api: 70000\nmodels:\n  - id: a\n    source: nonsense\n    threads: 0\n  - id: b\n    source: "demo:"\n';
    await assert.rejects(
      load(text, { REDIS_HOST: 'r', REDIS_PORT: 'many', LOG_LEVEL: 'loud' }),
      (error: Error) => {
        assert.equal(error.name, 'ConfigError');
        for (const part of [
          /: 6 problems/,
          /rolle: there is no such field/,
          /ports\.api: /,
          /models\[0\]\.source: it must be demo:/,
          /models\[0\]\.threads: /,
          /redis\.port \(from REDIS_PORT\)/,
          /logLevel \(from LOG_LEVEL\)/,
        ]) {
          assert.match(error.message, part);
        }
        return true;
      },
    );
  });

  it('refuses what is no mapping, no YAML, or not there', async () => {
    await assert.rejects(load('- a'), /must hold a mapping/);
    await assert.rejects(load('a: [1'), /line \d/);
    await assert.rejects(load('role: all\nwebsocket:\n  allowedOrigins: [*.example.com, *other]\n'), {
      name: 'ConfigError',
      message:
        /: 2 problems\n {2}line 3: \*\.example\.com is an alias .*: quote it, as "\*\.example\.com"\n {2}line 3: \*other /,
    });
    const many = (name: string) => `[${Array(12).fill(`*${name}`).join(', ')}]`;
    await assert.rejects(load(`a: &a [1]\nb: &b ${many('a')}\nc: &c ${many('b')}\nd: ${many('c')}\n`), {
      name: 'ConfigError',
      message: /its aliases can't be followed .*: write the values out/,
    });
    assert.equal((await load('host: &host 10.0.0.1\nnodeId: *host')).nodeId, '10.0.0.1');
    await assert.rejects(loadConfig({ path: '/nowhere.yaml', required: true }, {}), /can't be read/);
    await assert.rejects(
      load('models:\n - {id: a, source: "demo:"}\n - {id: a, source: "demo:"}'),
      /models\[1\]\.id/,
    );
  });

  it('refuses models that would replace each other in the store', () => {
    const file = { source: 'hf:o/r/f.gguf' };
    const web = 'https://example.com/dl';
    const sha256 = 'a'.repeat(64);
    for (const [one, other, expected] of [
      [{ ...file, revision: 'v1' }, { ...file, revision: 'v2' }, 'revision'],
      [{ ...file, revision: 'v1' }, file, 'revision'],
      [{ ...file, sha256 }, file, 'sha256'],
      [{ source: `${web}?f=a` }, { source: `${web}?f=b` }, 'source'],
      [{ source: `${web} x` }, { source: `${web}-x` }, 'source'],
      [{ ...file, revision: 'v1', sha256 }, { ...file, revision: 'v1', sha256: 'A'.repeat(64) }, undefined],
      [file, { source: 'hf:o/r/g.gguf', revision: 'v2' }, undefined],
      [{ source: 'demo:' }, { source: 'demo:' }, undefined],
      [{ source: 'file:/m.gguf', sha256 }, { source: 'file:/m.gguf' }, undefined],
    ] as const) {
      const models = [
        { id: 'one', ...one },
        { id: 'between', source: 'demo:' },
        { id: 'other', ...other },
      ];
      const issues = configSchema.safeParse({ models }).error?.issues ?? [];
      const paths = issues.map(({ path }) => path.join('.'));
      assert.deepEqual(paths, expected ? [`models.2.${expected}`] : [], JSON.stringify(models));
      for (const { message } of issues) {
        assert.match(message, /^other and one would replace each other at \S+ in the store: write the same/);
        assert.doesNotMatch(message, /\?/, 'the query of an address may hold a signature');
      }
    }
  });

  it('refuses an access that lets in nobody, or anybody', () => {
    const problems = (access: object) =>
      configSchema.safeParse({ access }).error?.issues.map(({ path }) => path.slice(1).join('.'));
    const provider = { issuer: 'https://login.example.org', clientId: 'polypod' };
    const tokens = { issuer: 'https://ci.example.org', audience: 'polypod' };
    for (const [access, paths] of [
      [{ publicUrl: 'https://example.org/chat' }, ['publicUrl']],
      [{ publicUrl: 'https://ada@example.org' }, ['publicUrl']],
      [{ publicUrl: 'https://chat.example.org:8443' }, undefined],
      [{ firstAdmin: { name: 'a da', passwordFile: 'p' } }, ['firstAdmin.name']],
      [{ oidc: provider }, ['publicUrl']],
      [
        { publicUrl: 'https://a.example', oidc: { ...provider, issuer: 'http://login.example.org' } },
        ['oidc.issuer'],
      ],
      [{ jwt: tokens }, ['jwt']],
      [{ jwt: { ...tokens, secretFile: 's', jwksUrl: 'https://ci.example.org/keys' } }, ['jwt']],
      [{ jwt: { ...tokens, jwksUrl: 'http://ci.example.org/keys' } }, ['jwt.jwksUrl']],
      [{ jwt: { ...tokens, jwksUrl: 'https://a.example', algorithms: ['HS256'] } }, ['jwt.algorithms']],
      [{ jwt: { ...tokens, secretFile: 's', algorithms: ['none'] } }, ['jwt.algorithms.0']],
    ] as const) {
      assert.deepEqual(problems(access), paths, JSON.stringify(access));
    }
  });

  it('takes safe fields over while running, and says which others need a restart', () => {
    const live = new LiveConfig(configSchema.parse({}));
    const seen: string[] = [];
    live.onChange(({ logLevel }) => seen.push(logLevel));
    assert.deepEqual(live.update(configSchema.parse({ logLevel: 'debug', role: 'worker' })), ['role']);
    assert.deepEqual(seen, ['debug']);
    assert.equal(live.current.role, 'all');
    assert.equal(live.current.logLevel, 'debug');
    assert.deepEqual(live.update(configSchema.parse({ logLevel: 'debug' })), []);
    assert.deepEqual(seen, ['debug']);
  });

  it('tells apart, within a section, what follows the file and what was read once', () => {
    const first = configSchema.parse({
      limits: { promptTokens: 100 },
      models: [{ id: 'a', source: 'demo:' }],
    });
    const live = new LiveConfig(first);
    let changes = 0;
    live.onChange(() => changes++);
    const readOnce = {
      limits: { promptTokens: 100, bodyBytes: 2048 },
      streams: { leaseSeconds: 7 },
      websocket: { maxFrameBytes: 2048 },
      redis: { host: 'cache' },
      models: [{ id: 'b', source: 'demo:' }],
    };
    const needRestart = [
      'limits.bodyBytes',
      'models',
      'redis',
      'streams.leaseSeconds',
      'websocket.maxFrameBytes',
    ];
    assert.deepEqual(live.update(configSchema.parse(readOnce)).sort(), needRestart);
    assert.deepEqual([live.current, changes], [first, 0], 'nothing of it is in use');

    const next = configSchema.parse({
      ...readOnce,
      limits: { bodyBytes: 2048, requestsPerMinute: { perKey: 5 } },
      streams: { leaseSeconds: 7, maxBytes: 4096 },
      websocket: { maxFrameBytes: 2048, allowedOrigins: ['https://a.example'] },
    });
    assert.deepEqual(live.update(next).sort(), needRestart);
    assert.equal(changes, 1);
    const { limits, streams, websocket } = live.current;
    assert.deepEqual([limits.bodyBytes, limits.promptTokens], [first.limits.bodyBytes, undefined]);
    assert.equal(limits.requestsPerMinute.perKey, 5);
    assert.deepEqual([streams.leaseSeconds, streams.maxBytes], [1, 4096]);
    assert.equal(websocket.maxFrameBytes, first.websocket.maxFrameBytes);
    assert.deepEqual(websocket.allowedOrigins, ['https://a.example']);
    assert.equal(first.streams.maxBytes, configSchema.parse({}).streams.maxBytes, 'what was read stays');
    assert.deepEqual(live.update(next).sort(), needRestart);
    assert.equal(changes, 1);
  });
});
