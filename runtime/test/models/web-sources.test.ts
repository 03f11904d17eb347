import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { someBytes } from '../support/hub.js';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const content = someBytes(200_000);
const hasOpenSsl = spawnSync('openssl', ['version']).status === 0;

const portOf = (server: NetServer) => (server.address() as AddressInfo).port;

describe('a model from the web', {
  skip: hasOpenSsl ? false : 'openssl is missing: apt-get install openssl',
}, () => {
  let directory: string;
  let web: Server;
  let proxy: Server;
  const proxied: string[] = [];
  const asked: Record<'url' | 'authorization' | 'range', string | undefined>[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    execFileSync(
      'openssl',
      `req -x509 -newkey rsa:2048 -nodes -keyout ${key} -out ${cert} -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost`.split(
        ' ',
      ),
      { stdio: 'pipe' },
    );
    web = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (request, response) => {
      const { url, headers } = request;
      const { authorization, range } = headers;
      asked.push({ url, authorization, range });
      if (url?.startsWith('/plain')) response.writeHead(302, { location: 'http://localhost/x.gguf' }).end();
      else if (url?.startsWith('/missing') || range !== undefined) response.writeHead(404).end();
      else if (url?.startsWith('/half')) {
        response.writeHead(200, { 'content-length': content.length, etag: '"1"' });
        response.write(content.subarray(0, 1000), () => setTimeout(() => response.destroy(), 50));
      } else response.writeHead(200, { 'content-length': content.length, etag: '"1"' }).end(content);
    });
    await once(web.listen(0, '127.0.0.1'), 'listening');
    proxy = createHttpServer();
    proxy.on('connect', (request, client) => {
      proxied.push(request.url ?? '');
      const target = connect(portOf(web), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(client);
        client.pipe(target);
      });
      for (const [one, other] of [
        [target, client],
        [client, target],
      ] as const) {
        one.on('error', () => other.destroy());
      }
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
  });
  after(async () => {
    for (const server of [web, proxy]) {
      server.closeAllConnections();
      server.close();
    }
    await rm(directory, { recursive: true, force: true });
  });

  const pull = (source: string, env: NodeJS.ProcessEnv = {}) => models(['pull', source], env);
  const models = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    run(process.execPath, [MAIN, 'models', ...args], {
      env: {
        PATH: process.env.PATH,
        MODEL_DIR: join(directory, 'models'),
        NODE_EXTRA_CA_CERTS: join(directory, 'cert.pem'),
        HF_TOKEN_FILE: join(directory, 'key.pem'),
        ...env,
      },
    });
  /** What a command that fails has written. */
  const failure = (work: Promise<unknown>): Promise<{ stdout: string; stderr: string }> =>
    work.then(
      () => assert.fail('it did not fail'),
      (error) => error,
    );
  const url = (path: string) => `https://localhost:${portOf(web)}${path}`;

  it('is fetched, without the token of the Hub, and its signature is shown nowhere', async () => {
    const source = url('/a/m.gguf?signature=secret');
    const { stdout, stderr } = await models(['pull', '--json', source]);
    const [origin] = await readdir(join(directory, 'models/https'));
    assert.ok(origin);
    assert.deepEqual(await readFile(join(directory, 'models/https', origin, 'a/m.gguf')), content);
    assert.deepEqual(asked, [
      { url: '/a/m.gguf?signature=secret', authorization: undefined, range: undefined },
    ]);
    const folders = await readdir(join(directory, 'models/.polypod'));
    const manifest = await readFile(
      join(directory, 'models/.polypod', folders[0] ?? '', 'manifest.json'),
      'utf8',
    );
    assert.doesNotMatch(manifest, /secret/);
    assert.ok(stderr.includes('is whole'));
    const removed = await models(['remove', '--json', source]);
    const failed = await failure(models(['pull', '--json', url('/missing/m.gguf?signature=secret')]));
    const refused = await failure(models(['pull', url('/folder/?signature=secret')]));
    for (const output of [{ stdout, stderr }, removed, failed, refused]) {
      assert.doesNotMatch(`${output.stdout}${output.stderr}`, /secret/);
    }
  });

  it('keeps no signature while it is on its way, and starts anew where one was kept', async () => {
    const source = url('/half/m.gguf?signature=secret');
    await assert.rejects(pull(source), { code: 1 });
    const kept = join(directory, 'models/.polypod');
    const names = await readdir(kept, { recursive: true });
    const state = join(kept, names.find((name) => name.endsWith('states/m.gguf.json')) ?? '');
    const { urlDigest: _digest, ...rest } = JSON.parse(await readFile(state, 'utf8'));
    assert.doesNotMatch(JSON.stringify(rest), /secret/);

    await writeFile(state, JSON.stringify({ url: source, ...rest }));
    asked.length = 0;
    await assert.rejects(pull(source), { code: 1 });
    assert.equal(asked[0]?.range, undefined);
    assert.doesNotMatch(await readFile(state, 'utf8'), /secret/);
  });

  it('is refused where the certificate is not trusted', async () => {
    await assert.rejects(pull(url('/b/m.gguf'), { NODE_EXTRA_CA_CERTS: '' }), {
      code: 1,
      stderr: /certificate is not trusted .*NODE_EXTRA_CA_CERTS/,
    });
  });

  it('is not followed to where nothing is encrypted', async () => {
    await assert.rejects(pull(url('/plain/m.gguf')), { code: 1, stderr: /without encryption/ });
  });

  it('is fetched through the proxy that the environment names, but not where it says so', async () => {
    const HTTPS_PROXY = `http://127.0.0.1:${portOf(proxy)}`;
    await pull(url('/c/m.gguf'), { HTTPS_PROXY });
    assert.deepEqual(proxied, [`localhost:${portOf(web)}`]);
    await pull(url('/d/m.gguf'), { HTTPS_PROXY, NO_PROXY: 'localhost' });
    assert.equal(proxied.length, 1);
  });

  it('is no address with a password in it', async () => {
    await assert.rejects(pull('https://user:secret@localhost/m.gguf'), { code: 2 });
  });
});
