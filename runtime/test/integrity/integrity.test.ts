import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PATHS } from '../../contract.cjs';
import type { IntegrityReport } from '../../src/integrity/integrity-report.js';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.js';
import { type TestOperator, testOperator } from '../support/operator.js';

describe('the integrity of the model files, asked of a cluster', () => {
  let directory: string;
  let cluster: TestCluster;
  let operator: TestOperator;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-integrity-'));
    operator = await testOperator(directory);
    // A volume of its own for each node, so that they can differ.
    cluster = await startTestCluster(3, {
      config: (index) => ({
        ...(index === 2 && { role: 'gateway' }),
        access: operator.access,
        modelDirectory: join(directory, `store-${index}`),
      }),
    });
  });
  after(async () => {
    await cluster?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const url = (node: number) => `${cluster.nodes[node]?.url}${PATHS.integrity}`;
  const report = async (node: number): Promise<IntegrityReport> => (await fetch(url(node))).json() as never;
  const check = async (): Promise<IntegrityReport> => {
    const started = await fetch(url(0), { method: 'POST', headers: operator.headers });
    assert.equal(started.status, 202);
    await eventually(async () => !['running', 'never'].includes((await report(0)).status));
    return report(1);
  };

  it('says that nobody has looked yet', async () => {
    const { status, nodes, differences } = await report(0);
    assert.equal(status, 'never');
    assert.deepEqual(
      nodes.map(({ node, status }) => [node, status]),
      [
        ['node-0', 'never'],
        ['node-1', 'never'],
        ['node-2', 'never'],
      ],
    );
    assert.deepEqual(differences, []);
  });

  it('finds all nodes alike, and says so whichever is asked', async () => {
    const { status, nodes, readBytes, totalBytes, differences } = await check();
    assert.equal(status, 'whole');
    assert.deepEqual(differences, []);
    assert.deepEqual(
      nodes.map(({ node, status }) => [node, status]),
      [
        ['node-0', 'whole'],
        ['node-1', 'whole'],
        // A gateway has no models, and lacks none.
        ['node-2', 'whole'],
      ],
    );
    assert.ok(totalBytes > 1_000_000 && readBytes === totalBytes, `${readBytes} of ${totalBytes} bytes`);
  });

  it('names the file, and what is where', async () => {
    await appendFile(join(directory, 'store-1', 'demo.gguf'), 'x');
    const { status, differences } = await check();
    assert.equal(status, 'damaged');
    assert.equal(differences.length, 1);
    const [difference] = differences;
    assert.deepEqual([difference?.model, difference?.path], ['demo', 'demo.gguf']);
    assert.deepEqual(difference?.found.map(({ nodes }) => nodes).sort(), [['node-0'], ['node-1']]);

    await unlink(join(directory, 'store-1', 'demo.gguf'));
    const missing = (await check()).differences[0]?.found.find(({ nodes }) => nodes.includes('node-1'));
    assert.deepEqual(missing, { nodes: ['node-1'] });
  });

  it('leaves an entry in the audit log, and an event of each node', async () => {
    const acts = await cluster.postgres.query(
      cluster.database,
      `SELECT DISTINCT act, status FROM audit_log WHERE act LIKE '%integrity'`,
    );
    assert.deepEqual(acts, [{ act: `POST ${PATHS.integrity}`, status: 202 }]);
    await eventually(async () => {
      const events = await cluster.postgres.query(
        cluster.database,
        `SELECT DISTINCT ON (node_id) type, node_id FROM events WHERE type LIKE 'integrity.%'
         ORDER BY node_id, id DESC`,
      );
      return (
        events.map(({ node_id, type }) => `${node_id} ${type}`).join() ===
        'node-0 integrity.whole,node-1 integrity.damaged,node-2 integrity.whole'
      );
    }, 'an event of each node');
  });

  it('can be started by operators only', async () => {
    const refused = await fetch(url(0), { method: 'POST' });
    assert.equal(refused.status, 401);
  });

  it('is incomplete while a node can not be asked', async () => {
    cluster.nodes[1]?.signal('SIGSTOP');
    const { nodes } = await report(0);
    cluster.nodes[1]?.signal('SIGCONT');
    assert.deepEqual(
      nodes.map(({ status }) => status),
      ['whole', 'unreachable', 'whole'],
    );
  });
});
