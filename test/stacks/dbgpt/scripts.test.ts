import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LEAVE_SCRIPT, PROBE_SCRIPT, TABLES_SCRIPT } from '../../../stacks/dbgpt/scripts';
import { MariaDb } from '../../support/mariadb';
import { temporaryFolder } from '../../support/temporary-folder';

jest.setTimeout(180_000);

/** Debian's, which has PyMySQL as a package. */
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';

const folder = temporaryFolder();

/** Runs a script as a pod does. */
async function run(script: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const python = spawn(PYTHON, ['-c', script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(python.stdout), text(python.stderr)]);
  if (python.exitCode === null) await once(python, 'exit');
  return { status: python.exitCode, stdout, stderr };
}

describe('tables', () => {
  const PASSWORD = "p@ss:w/rd%?#'";
  /** What DB-GPT's own script is like: its database, statements that fail a second time, and example databases. */
  const SCRIPT = `-- the database; it is there
CREATE
DATABASE IF NOT EXISTS dbgpt;
use dbgpt;

CREATE TABLE IF NOT EXISTS \`flow\` (\`id\` int NOT NULL COMMENT 'its id; of all') COMMENT="a; 'b'";
CREATE TABLE IF NOT EXISTS \`knowledge_space\` (\`id\` int NOT NULL);
/* no more; */
CREATE TABLE \`file\`
(
  \`id\` int NOT NULL, -- a key; really
  KEY \`idx\` (\`id\`) COMMENT 'it''s an index'
);
CREATE
DATABASE EXAMPLE_1;
use EXAMPLE_1;
CREATE TABLE IF NOT EXISTS \`users\` (\`id\` int);
INSERT INTO users (id) VALUES (1);
`;
  let mariadb: MariaDb;

  beforeAll(async () => {
    mariadb = await MariaDb.start();
    mariadb.query("CREATE USER 'db gpt'@'%' REQUIRE SSL");
    mariadb.query(`SET PASSWORD FOR 'db gpt'@'%' = PASSWORD("${PASSWORD}")`);
  });

  afterAll(() => mariadb.stop());

  beforeEach(() => {
    mariadb.query("CREATE OR REPLACE DATABASE registry; GRANT ALL ON registry.* TO 'db gpt'@'%'");
    writeFileSync(join(folder.path, 'dbgpt.sql'), SCRIPT);
  });

  const make = (change: Readonly<Record<string, string>> = {}) =>
    run(TABLES_SCRIPT, [], {
      MYSQL_HOST: 'localhost',
      MYSQL_PORT: String(mariadb.port),
      MYSQL_DATABASE: `registry?charset=utf8mb4&ssl_ca=${mariadb.authority}&ssl_check_hostname=true&program_name=dbgpt`,
      MYSQL_USER: 'db gpt',
      MYSQL_PASSWORD: PASSWORD,
      MYSQL_WAIT: '1',
      TABLES: join(folder.path, 'dbgpt.sql'),
      ...change,
    });

  test('several pods at once make each table once, and those that come later find them', async () => {
    const together = await Promise.all([make(), make({ TABLES: '' }), make()]);
    expect(together.map(({ status, stderr }) => [status, stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    expect(mariadb.query('SHOW TABLES', 'registry')).toEqual([
      'dbgpt_cluster_registry_instance',
      'file',
      'flow',
      'knowledge_space',
    ]);
    expect(mariadb.query('SHOW COLUMNS FROM knowledge_space', 'registry')).toEqual([
      'id\tint(11)\tNO\t\tNULL\t',
      'index_methods\tvarchar(500)\tYES\t\tNULL\t',
    ]);
    mariadb.query('INSERT INTO file VALUES (7)', 'registry');
    expect((await make()).status).toBe(0);
    expect(mariadb.query('SELECT id FROM file', 'registry')).toEqual(['7']);
    expect(mariadb.query("SHOW DATABASES LIKE 'EXAMPLE%'")).toEqual([]);
  });

  test("the registry's table is the guide's", async () => {
    expect((await make({ TABLES: '' })).status).toBe(0);
    const columns = mariadb.query(
      "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'registry' ORDER BY ORDINAL_POSITION",
    );
    expect(columns.map((line) => line.split('\t'))).toEqual([
      ['id', 'int(11)', 'NO'],
      ['model_name', 'varchar(128)', 'NO'],
      ['host', 'varchar(128)', 'NO'],
      ['port', 'int(11)', 'NO'],
      ['weight', 'float', 'YES'],
      ['check_healthy', 'tinyint(1)', 'YES'],
      ['healthy', 'tinyint(1)', 'YES'],
      ['enabled', 'tinyint(1)', 'YES'],
      ['prompt_template', 'varchar(128)', 'YES'],
      ['last_heartbeat', 'datetime', 'YES'],
      ['user_name', 'varchar(128)', 'YES'],
      ['sys_code', 'varchar(128)', 'YES'],
      ['gmt_created', 'datetime', 'YES'],
      ['gmt_modified', 'datetime', 'YES'],
    ]);
    const same =
      "INSERT INTO dbgpt_cluster_registry_instance (model_name, host, port, sys_code) VALUES ('a', 'b', 1, '')";
    mariadb.query(same, 'registry');
    expect(() => mariadb.query(same, 'registry')).toThrow(/Duplicate entry/);
  });

  test('a server whose certificate names another host gets no password', async () => {
    const { status, stderr } = await make({ MYSQL_HOST: '[127.0.0.1]' });
    expect(status).toBe(1);
    expect(stderr).toContain('certificate verify failed');
  });

  test('an image that is none of DB-GPT says so', async () => {
    const { status, stderr } = await make({ TABLES: '/nowhere/dbgpt.sql' });
    expect([status, stderr]).toEqual([1, expect.stringContaining('/nowhere/dbgpt.sql')]);
  });
});

describe('beside a controller and a worker', () => {
  type Answer = (
    request: IncomingMessage,
    body: string,
  ) => { readonly status?: number; readonly json: unknown };
  let answer: Answer;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    text(request).then((body) => {
      const { status = 200, json } = answer(request, body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
  });
  let port: string;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = String(typeof address === 'object' ? address?.port : '');
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const instance = (host: string, secondsAgo: number) => ({
    model_name: 'tiny@llm',
    host,
    port: 8001,
    healthy: true,
    // Without a zone, in the pod's own time.
    last_heartbeat: new Date(Date.now() - secondsAgo * 1000).toISOString().replace('Z', ''),
  });
  const controller = () =>
    run(PROBE_SCRIPT, ['controller'], { PORT: port, HEARTBEAT_TIMEOUT: '60', TZ: 'UTC' });

  test('a controller lives while it knows only workers that speak, and when its database is away', async () => {
    answer = () => ({
      json: [instance('a', 5), instance('b', 100), { ...instance('c', 0), last_heartbeat: null }],
    });
    expect(await controller()).toMatchObject({ status: 0, stderr: '' });
    answer = () => ({ status: 500, json: {} });
    expect(await controller()).toMatchObject({ status: 0 });
  });

  test('one that calls a worker healthy which has long been silent must be restarted', async () => {
    answer = () => ({ json: [instance('a', 5), instance('gone', 240)] });
    expect(await controller()).toMatchObject({ status: 1, stderr: expect.stringContaining('gone') });
  });

  test('a worker is ready once any controller lists it', async () => {
    const ready = (host: string, addresses: string) =>
      run(PROBE_SCRIPT, ['worker'], { CONTROLLERS: addresses, WORKER_KEY: 'tiny@llm', WORKER_HOST: host });
    const asked: (string | undefined)[] = [];
    answer = ({ url }) => {
      asked.push(url);
      return { json: [instance('docs-llm-0', 5)] };
    };
    const addresses = `http://127.0.0.1:1,http://127.0.0.1:${port}`;
    expect(await ready('docs-llm-0', addresses)).toMatchObject({ status: 0 });
    expect(await ready('docs-llm-1', addresses)).toMatchObject({ status: 1 });
    expect(await ready('docs-llm-0', 'http://127.0.0.1:1')).toMatchObject({ status: 1 });
    expect(asked[0]).toBe('/api/controller/models?model_name=tiny%40llm&healthy_only=true');
  });

  test('a worker that is told to end takes its model out first, and waits', async () => {
    let told: unknown;
    answer = ({ method, url }, body) => {
      told = { method, url, body: JSON.parse(body) };
      return { json: { success: true, message: '' } };
    };
    const env = { PORT: port, WORKER_KEY: 'owner/tiny@text2vec' };
    expect(await run(LEAVE_SCRIPT, ['0'], env)).toMatchObject({ status: 0, stderr: '' });
    expect(told).toEqual({
      method: 'POST',
      url: '/api/worker/apply',
      body: { model: 'owner/tiny', apply_type: 'stop', worker_type: 'text2vec' },
    });
    answer = () => ({ json: { success: false, message: 'no controller' } });
    expect(await run(LEAVE_SCRIPT, ['0'], env)).toMatchObject({ status: 0, stderr: 'no controller\n' });
    expect(await run(LEAVE_SCRIPT, ['0'], { ...env, PORT: '1' })).toMatchObject({ status: 0 });
  });
});
