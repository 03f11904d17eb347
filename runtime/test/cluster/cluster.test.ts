import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Member } from '../../src/cluster/members.js';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.js';
import type { ProcessNode } from '../support/process-node.js';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const DEMO = { source: 'demo:', threads: 1, tokensPerSecond: 0 };

interface Leader {
  readonly leader: string | null;
  readonly epoch: number;
}
interface Models {
  readonly data: readonly {
    readonly id: string;
    readonly ready: number;
    readonly instances: readonly {
      readonly node: string;
      readonly state: string;
      readonly enabled: boolean;
      readonly weight: number;
    }[];
  }[];
}
interface Event {
  readonly id: number;
  readonly type: string;
  readonly node: string;
  readonly details: Readonly<Record<string, unknown>>;
}

describe('a cluster of three', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster(3, {
      config: {
        models: [
          { id: 'everywhere', ...DEMO },
          { id: 'single', ...DEMO, placement: { replicas: 1 } },
          { id: 'double', ...DEMO, placement: { replicas: 2 } },
        ],
        cluster: { leaseSeconds: 3, deadSeconds: 2, recoverySeconds: 1 },
      },
    });
  });
  after(() => cluster.stop());

  const get = async <Body>({ url }: ProcessNode, path: string): Promise<Body> => {
    const response = await fetch(`${url}/api/v1/${path}`);
    assert.equal(response.status, 200, path);
    return response.json() as Promise<Body>;
  };
  const nodesSeenBy = async (node: ProcessNode) => (await get<{ data: Member[] }>(node, 'nodes')).data;
  const statuses = async (node: ProcessNode) =>
    (await nodesSeenBy(node)).map(({ status }) => status).join(' ');
  const leaderOf = (node: ProcessNode) => get<Leader>(node, 'cluster/leader');
  const events = async (node: ProcessNode) =>
    (await get<{ data: Event[] }>(node, 'cluster/events?limit=1000')).data;
  const instancesOf = async (node: ProcessNode, model: string) =>
    (await get<Models>(node, 'models')).data.find(({ id }) => id === model)?.instances ?? [];
  const readyOn = async (node: ProcessNode, model: string) =>
    (await instancesOf(node, model)).filter(({ state }) => state === 'ready').map((each) => each.node);
  const node = (id: string | null | undefined): ProcessNode => {
    const found = cluster.nodes[Number(id?.slice(-1))];
    assert.ok(found, String(id));
    return found;
  };
  const others = (one: ProcessNode) => cluster.nodes.filter((each) => each !== one);
  const allHealthy = () =>
    eventually(async () => {
      for (const each of cluster.nodes) {
        if ((await statuses(each)) !== 'healthy healthy healthy') return false;
        if ((await leaderOf(each)).leader === null) return false;
      }
      return true;
    }, 'a whole cluster');
  const command = async (...args: string[]) => {
    const file = join(cluster.directory, 'command.yaml');
    await writeFile(file, JSON.stringify({ database: cluster.database }));
    return run(process.execPath, [MAIN, 'instances', ...args, '--config', file]);
  };

  it('is seen alike by every node', async () => {
    await allHealthy();
    let views: Leader[] = [];
    await eventually(async () => {
      views = await Promise.all(cluster.nodes.map(leaderOf));
      return new Set(views.map(({ leader, epoch }) => `${leader} ${epoch}`)).size === 1;
    }, 'one view');
    for (const each of cluster.nodes) {
      const members = await nodesSeenBy(each);
      assert.deepEqual(
        members.map(({ id }) => id),
        ['node-0', 'node-1', 'node-2'],
      );
      assert.ok(members.every(({ peerUrl }) => peerUrl?.startsWith('http://127.0.0.1:')));
    }
    const [first] = cluster.nodes;
    assert.ok(first);
    const status = await get<Record<string, unknown>>(first, 'cluster/status');
    assert.match(String(status.cluster_id), /^[0-9a-f-]{36}$/);
    assert.equal(status.size, 3);
    assert.equal(status.leader, views[0]?.leader);
  });

  it('loads each model on as many nodes as it is to be on', async () => {
    const [first] = cluster.nodes;
    assert.ok(first);
    await eventually(async () => {
      const counts = await Promise.all(
        ['everywhere', 'single', 'double'].map(async (model) => (await readyOn(first, model)).length),
      );
      return counts.join() === '3,1,2';
    }, 'placement');
  });

  it('follows what operators say on the command line, on every node', async () => {
    const { stdout } = await command('list', '--json');
    const rows = JSON.parse(stdout) as { node: string; model: string; state: string }[];
    assert.equal(rows.filter(({ model }) => model === 'everywhere').length, 3);
    const table = await command('list');
    assert.match(table.stdout, /^NODE +STATUS +SEEN +MODEL/);

    await command('disable', 'everywhere', '--node', 'node-1');
    await command('weight', 'everywhere', '0.5');
    await eventually(async () => {
      const views = await Promise.all(cluster.nodes.map((each) => instancesOf(each, 'everywhere')));
      return views.every((view) =>
        view.every(({ node, enabled, weight }) => enabled === (node !== 'node-1') && weight === 0.5),
      );
    }, 'what the operator said');
    await command('enable', 'everywhere');
    const acts = await cluster.postgres.query(
      cluster.database,
      'SELECT act, target FROM audit_log ORDER BY id',
    );
    assert.deepEqual(acts, [
      { act: 'instance.set', target: 'everywhere on node-1' },
      { act: 'instance.set', target: 'everywhere' },
      { act: 'instance.set', target: 'everywhere' },
    ]);
    await assert.rejects(command('disable', 'nothing'), {
      code: 1,
      stderr: /There is no nothing on any node/,
    });
    await assert.rejects(command('weight', 'everywhere', 'heavy'), { code: 1, stderr: /from 0 to 1000/ });
  });

  it('lets nobody but operators change it', async () => {
    const [first] = cluster.nodes;
    assert.ok(first);
    for (const [path, body] of [
      ['instances', { model: 'everywhere', enabled: false }],
      ['nodes/node-0', { weight: 0 }],
    ] as const) {
      const response = await fetch(`${first.url}/api/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.ok([401, 403].includes(response.status), `${path}: ${response.status}`);
    }
  });

  it('outlives a PostgreSQL that is away for longer than it takes to find a node dead', async () => {
    const before = await leaderOf(node('node-0'));
    await cluster.postgres.kill();
    // Without a word from each other all of them would be dead by now.
    await new Promise((done) => setTimeout(done, 8_000));
    await eventually(async () => {
      const views = await Promise.all(cluster.nodes.map(statuses));
      return views.every((view) => view === 'healthy healthy healthy');
    }, 'a cluster that is well without PostgreSQL');
    assert.equal((await leaderOf(node('node-1'))).leader, null);

    await cluster.postgres.restart();
    await allHealthy();
    const after = await leaderOf(node('node-0'));
    assert.ok(after.epoch >= before.epoch);
    await eventually(
      async () => (await readyOn(node('node-0'), 'everywhere')).length === 3,
      'the model everywhere',
    );
  });

  it('replaces a leader that hangs, and does not listen to it when it is back', async () => {
    await allHealthy();
    const old = await leaderOf(node('node-0'));
    const paused = node(old.leader);
    const [witness] = others(paused);
    assert.ok(witness);
    const toldOf = (type: string) =>
      eventually(
        async () =>
          (await events(witness)).some((each) => each.type === type && each.details.node === old.leader),
        `${type} of ${old.leader}`,
      );
    paused.signal('SIGSTOP');
    await eventually(async () => {
      const { leader, epoch } = await leaderOf(witness);
      return leader !== null && leader !== old.leader && epoch > old.epoch;
    }, 'another leader');
    await toldOf('node.suspected');
    await toldOf('node.dead');

    paused.signal('SIGCONT');
    await allHealthy();
    await toldOf('node.recovered');
    await eventually(async () => {
      const views = await Promise.all(cluster.nodes.map(leaderOf));
      return views.every(
        ({ leader, epoch }) => epoch > old.epoch && leader === views[0]?.leader && epoch === views[0]?.epoch,
      );
    }, 'one view of who leads');
    const elected = (await events(witness))
      .filter(({ type }) => type === 'leader.elected')
      .map(({ details }) => details.epoch);
    assert.equal(new Set(elected).size, elected.length, 'every epoch has one leader');
  });

  it('moves a model whose node is killed, tells of it as it happens, and leaves it there', async () => {
    let from: string | undefined;
    await eventually(async () => {
      const on = await readyOn(node('node-0'), 'single');
      [from] = on;
      return on.length === 1;
    }, 'the model on one node');
    const lost = node(from);
    const [witness] = others(lost);
    assert.ok(witness);
    const leaving = new AbortController();
    const stream = await fetch(`${witness.url}/api/v1/cluster/events`, {
      headers: { accept: 'text/event-stream' },
      signal: leaving.signal,
    });
    assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/);
    const told = (async () => {
      let text = '';
      assert.ok(stream.body);
      for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        if (/event: node\.dead\n/.test(text) && /event: model\.placed\n.*"model":"single"/.test(text)) break;
      }
      return text;
    })();
    await lost.kill('SIGKILL');
    let to: string | undefined;
    await eventually(async () => {
      to = (await readyOn(witness, 'single')).find((id) => id !== from);
      return to !== undefined;
    }, 'the model elsewhere');
    assert.match(await told, /id: \d+\nevent: node\.dead\ndata: \{.*\}\n\n/);
    leaving.abort();

    await lost.launch();
    await allHealthy();
    await eventually(async () => (await readyOn(witness, 'single')).join() === to, 'the model where it was');
  });

  it('says of a node that leaves on purpose that it has left, at once, and pages its events', async () => {
    const gone = node('node-2');
    await gone.kill('SIGTERM');
    await eventually(async () => (await statuses(node('node-0'))) === 'healthy healthy left', 'the leave');
    const all = await events(node('node-1'));
    const paged: Event[] = [];
    let before = Number.MAX_SAFE_INTEGER;
    for (let more = true; more; ) {
      const page = await get<{ data: Event[]; has_more: boolean }>(
        node('node-1'),
        `cluster/events?limit=5&before=${before}`,
      );
      paged.push(...page.data);
      before = page.data.at(-1)?.id ?? 0;
      more = page.has_more;
    }
    assert.deepEqual(paged.slice(-all.length), all);
    assert.ok(all.some(({ type, node }) => type === 'node.left' && node === 'node-2'));
  });
});
