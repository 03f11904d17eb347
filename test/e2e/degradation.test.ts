/** Cache and database restart or stay away under load: what docs/operations.md says of it, line by line. */
import { setTimeout as sleep } from 'node:timers/promises';
import { record } from './support/figures';
import { streams, unharmed } from './support/harm';
import { kubectl, until } from './support/kubectl';
import { theClients, theSystem } from './support/run';

const system = theSystem();
const clients = theClients();

beforeEach(() => system.ready());
afterEach(async () => {
  clients.stopAll();
  for (const server of ['chat-cache', 'chat-database']) scale(server, 1);
  await system.ready();
});

test('Redis restarts: streams go on, and are durable again', async () => {
  const load = await streams(clients, system, 12);
  kubectl(['delete', 'pod', '-n', system.namespace, 'chat-cache-0', '--wait=true']);
  await system.ready();
  await sleep(5000);
  record({ redisRestartStreams: unharmed(load).answered });
  await until('durable', 60, () => system.metric('polypod_journal_away') === 0);
});

test('Redis stays away: streams go on in their process and say so, and heal by themselves', async () => {
  const load = await streams(clients, system, 12);
  scale('chat-cache', 0);
  await until('noticed by all', 60, () => system.metric('polypod_journal_away') === 3);
  await sleep(15_000);
  expect(system.metric('polypod_streams_not_durable_total')).toBeGreaterThan(0);
  scale('chat-cache', 1);
  await system.ready();
  await until('durable', 60, () => system.metric('polypod_journal_away') === 0);
  record({ redisAwayStreams: unharmed(load).answered });
});

test('PostgreSQL restarts: nobody notices', async () => {
  const load = await streams(clients, system, 12);
  kubectl(['delete', 'pod', '-n', system.namespace, 'chat-database-0', '--wait=true']);
  await system.ready();
  record({ postgresqlRestartStreams: unharmed(load).answered });
});

test('PostgreSQL stays away: chat goes on, nobody leads, and what needs it says 503', async () => {
  const load = await streams(clients, system, 12);
  scale('chat-database', 0);
  await until('noticed by all', 60, () => system.metric('polypod_database_away') === 3);
  await until('without a leader', 60, () => system.metric('polypod_leader') === 0);
  expect(askConversations()).toBe(503);
  scale('chat-database', 1);
  await system.ready();
  await until('back', 60, () => system.metric('polypod_database_away') === 0);
  await until('led', 60, () => system.metric('polypod_leader') === 1);
  expect(askConversations()).toBe(200);
  record({ postgresqlAwayStreams: unharmed(load).answered });
});

test('the leader is deleted: another leads, with a higher epoch', async () => {
  const leader = () => JSON.parse(system.ask('chat-0', '/api/v1/cluster/leader'));
  await until('led', 60, () => system.metric('polypod_leader') === 1);
  const before = leader();
  kubectl([
    'delete',
    'pod',
    '-n',
    system.namespace,
    before.leader,
    '--wait=true',
    '--grace-period=0',
    '--force',
  ]);
  await system.ready();
  await until('led by another', 60, () => leader().epoch > before.epoch);
  expect(system.metric('polypod_leader')).toBe(1);
});

const scale = (server: string, replicas: number) =>
  kubectl(['scale', 'statefulset', server, '-n', system.namespace, `--replicas=${replicas}`]);

/** Status of a request that the database answers. */
const askConversations = (): number =>
  Number(
    system.inPod(
      'chat-0',
      `fetch('http://127.0.0.1:8080/v1/conversations').then(({ status }) => process.stdout.write(String(status)))`,
    ),
  );
