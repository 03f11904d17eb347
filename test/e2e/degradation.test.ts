/** Cache and database go away under load: what docs/operations.md says of it, line by line. */
import { setTimeout as sleep } from 'node:timers/promises';
import { record } from './support/figures';
import { kubectl } from './support/kubectl';
import { theClients, theSystem } from './support/run';

const system = theSystem();
const clients = theClients();

afterEach(() => clients.stopAll());

const streams = () =>
  clients.load({ url: system.url, model: 'demo', mode: 'streams', clients: 12, prompts: 6, maxTokens: 120 });

test('Redis restarts: streams go on, and are durable again', async () => {
  await system.ready();
  const load = await streams();
  kubectl(['delete', 'pod', '-n', system.namespace, 'chat-cache-0', '--wait=true']);
  await system.ready();
  await sleep(5000);
  const { failed, faults, answered } = load.stop();
  record({ redisRestartStreams: answered });
  expect({ failed, faults }).toEqual({ failed: 0, faults: [] });
  expect(system.metric('polypod_journal_away')).toBe(0);
}, 300_000);

test('PostgreSQL restarts: nobody notices', async () => {
  await system.ready();
  const load = await streams();
  kubectl(['delete', 'pod', '-n', system.namespace, 'chat-database-0', '--wait=true']);
  await system.ready();
  const { failed, faults, answered } = load.stop();
  record({ postgresqlRestartStreams: answered });
  expect({ failed, faults }).toEqual({ failed: 0, faults: [] });
}, 300_000);
