import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ClusterEvents } from '../../src/cluster/events.js';
import { connectDatabase } from '../../src/database/database.js';
import { eventually } from '../support/cluster.js';
import { startTestPostgres } from '../support/postgres.js';

it('what PostgreSQL refused is written once it takes it, though nothing follows, and before what does', async () => {
  const postgres = await startTestPostgres();
  try {
    const config = await postgres.database();
    const database = await connectDatabase(config, { onOutage: () => undefined });
    let errors = 0;
    const events = new ClusterEvents({ node: 'node-1', database, onError: () => errors++ });
    await postgres.query(config, 'ALTER TABLE events RENAME TO elsewhere');
    events.record('node.joined');
    await eventually(() => errors > 0, 'a refusal');
    await postgres.query(config, 'ALTER TABLE elsewhere RENAME TO events');
    await eventually(async () => (await events.after(0, 10)).length === 1, 'the event');
    events.record('leader.elected', { epoch: 1 });
    events.record('node.left');
    await events.written();
    const written = await events.after(0, 10);
    assert.deepEqual(
      written.map(({ type }) => type),
      ['node.joined', 'leader.elected', 'node.left'],
    );
    await database.close();
  } finally {
    await postgres.stop();
  }
});
