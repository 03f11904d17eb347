import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.js';

describe('a cluster of three', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster(3);
  });
  after(() => cluster.stop());

  const leases = () => cluster.postgres.query(cluster.database, 'SELECT * FROM leader_lease');

  it('has one leader, another one when that is killed, and finds the dead node out', async () => {
    await eventually(async () => (await leases())[0]?.node_id !== null);
    const [first] = await leases();
    const index = Number(String(first?.node_id).slice(-1));
    await cluster.nodes[index]?.kill('SIGKILL');
    await eventually(async () => {
      const [next] = await leases();
      return next?.node_id !== first?.node_id && next?.node_id !== null;
    }, 'another leader');
    const [next] = await leases();
    assert.equal(Number(next?.epoch), Number(first?.epoch) + 1);
    await eventually(async () => {
      const rows = await cluster.postgres.query(
        cluster.database,
        `SELECT id FROM nodes WHERE status = 'dead'`,
      );
      return rows.length === 1 && rows[0]?.id === first?.node_id;
    }, 'the death');
  });
});
