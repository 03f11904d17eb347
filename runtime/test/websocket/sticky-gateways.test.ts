import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LocalCluster } from '../../local-cluster/local-cluster.js';
import type { LocalNode } from '../../local-cluster/local-node.js';
import type { Member } from '../../src/cluster/members.js';
import { TestBrowser } from '../support/browser.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/cluster.js';

const ROLES = ['gateway', 'gateway', 'gateway', 'worker', 'worker', 'worker', 'controller'] as const;
const ANSWER = { options: { temperature: 0, max_tokens: 80 } };

/** Seed 004's tests, on its three WebSocket nodes and three AI nodes: behind nginx, each a process. */
describe('three sticky gateways before three workers', () => {
  let cluster: LocalCluster;
  let expected: string;
  before(async () => {
    cluster = await LocalCluster.start({
      roles: ROLES,
      config: {
        logLevel: 'warn',
        access: { mode: 'required' },
        websocket: { maxSubscriptions: 500 },
        models: [{ id: 'demo', source: 'demo:', threads: 1, contextSize: 512, tokensPerSecond: 30 }],
      },
    });
    const { admin, nodes } = cluster;
    // Each gateway has its own view of who is ready.
    for (const gateway of nodes.filter((_node, index) => ROLES[index] === 'gateway')) {
      const device = await Device.logIn({ url: gateway.url, admin });
      await eventually(
        async () => (await device.workers()).length === 3,
        `the workers at ${gateway.id}`,
      ).catch(async (error) => assert.fail(`${error.message}: ${JSON.stringify(await device.members())}`));
    }
    const device = await Device.logIn(cluster);
    const client = await device.connect();
    const { message } = await client.start('Who are you?', ANSWER);
    await client.done(message);
    expected = client.text(message);
    client.close();
  });
  after(() => cluster?.stop());

  it('bring a browser back to its gateway, and spread browsers over all of them', async () => {
    const gateways = new Set<string>();
    for (let browser = 0; gateways.size < 3; browser++) {
      assert.ok(browser < 100, `100 browsers came to ${[...gateways]} only`);
      const device = await Device.logIn(cluster);
      const nodes = new Set<string>();
      for (let connection = 0; connection < 3; connection++) {
        const client = await device.connect();
        nodes.add((await client.next('ready')).node);
        client.close();
      }
      assert.equal(nodes.size, 1);
      for (const node of nodes) gateways.add(node);
    }
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    it(`lose no word and no login when one of them gets ${signal} in the middle of answers`, async () => {
      const devices = await Promise.all(Array.from({ length: 6 }, () => Device.logIn(cluster)));
      const clients = await Promise.all(devices.map((device) => device.connect()));
      const turns = await Promise.all(clients.map((client) => client.start('Who are you?', ANSWER)));
      await Promise.all(
        clients.map((client) => client.until((frame) => frame.type === 'chunk' && frame.seq === 5)),
      );
      const { node: lost } = await at(clients, 0).next('ready');
      await nodeOf(cluster, lost).process.kill(signal);

      let reconnected = 0;
      for (const [index, device] of devices.entries()) {
        const client = at(clients, index);
        const { conversation, message } = at(turns, index);
        if ((await client.next('ready')).node !== lost) {
          await client.done(message);
          assert.equal(client.text(message), expected);
          continue;
        }
        const { code } = await client.whenClosed();
        assert.equal(code, signal === 'SIGTERM' ? 1012 : 1006);
        const have = client.chunks(message);
        const again = await device.connect();
        assert.notEqual((await again.next('ready')).node, lost);
        again.send({ type: 'subscribe', conversation, have: { [message]: have.at(-1)?.seq ?? -1 } });
        await again.done(message);
        // The first that it hears is the next that it is missing, if it is missing any.
        assert.equal(again.chunks(message)[0]?.seq ?? have.length, have.length);
        assert.equal(client.text(message) + again.text(message), expected);
        again.close();
        reconnected++;
      }
      assert.ok(reconnected > 0);
      for (const client of clients) client.close();

      await nodeOf(cluster, lost).start();
      const [first] = devices;
      assert.ok(first);
      // nginx leaves a server that failed out for two seconds.
      await eventually(async () => {
        const client = await first.connect();
        const { node } = await client.next('ready');
        client.close();
        return node === lost;
      }, 'the way back to the gateway that the cookie names');
    });
  }

  it('go on with answers whose worker is killed, and use all workers', async () => {
    const device = await Device.logIn(cluster);
    const client = await device.connect();
    const turns: Awaited<ReturnType<ChatClient['start']>>[] = [];
    const used = new Set<string>();
    let busy: string | undefined;
    // More and more at once, until one worker's share is more than it works on at a time.
    await eventually(async () => {
      turns.push(await client.start('Who are you?', ANSWER));
      const generating = (await device.workers()).filter(({ running }) => running > 0);
      for (const { id } of generating) used.add(id);
      busy = generating[0]?.id;
      return used.size === 3 && busy !== undefined;
    }, 'work for each');
    await nodeOf(cluster, busy ?? '').process.kill('SIGKILL');
    for (const { message } of turns) {
      await client.done(message);
      assert.equal(client.text(message), expected);
    }
    client.close();
  });
});

/** A browser whose person is logged in. */
class Device {
  private affinity = '';

  private constructor(private readonly browser: TestBrowser) {}

  static async logIn({ url, admin }: Pick<LocalCluster, 'url' | 'admin'>): Promise<Device> {
    const browser = new TestBrowser(url);
    const { status } = await browser.logIn(admin.name, admin.password);
    assert.equal(status, 200);
    return new Device(browser);
  }

  /** Keeps the cookie that the balancer gives it, as browsers do. */
  async connect(): Promise<ChatClient> {
    const { url, cookies } = this.browser;
    const cookie = [...[...cookies].map(([name, value]) => `${name}=${value}`), this.affinity].join('; ');
    const client = await ChatClient.connect(url, { cookie, origin: url });
    this.affinity ||= client.cookie ?? '';
    return client;
  }

  /** All nodes, as this device's gateway sees them. */
  async members(): Promise<readonly Member[]> {
    const response = await this.browser.fetch('/api/v1/nodes');
    return ((await response.json()) as { data: readonly Member[] }).data;
  }

  /** The workers that have their model, and how much each generates. */
  async workers(): Promise<{ readonly id: string; readonly running: number }[]> {
    return (await this.members())
      .filter(({ status, models }) => status === 'healthy' && models.some(({ state }) => state === 'ready'))
      .map(({ id, load }) => ({ id, running: load.running }));
  }
}

function nodeOf({ nodes }: LocalCluster, id: string): LocalNode {
  const node = nodes.find((one) => one.id === id);
  assert.ok(node, id);
  return node;
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  assert.ok(item !== undefined);
  return item;
}
