import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { connectDatabase, type Database } from '../../src/database/database.js';
import { MIGRATIONS } from '../../src/database/migrate.js';
import { eventually } from '../support/cluster.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const quiet = { onOutage: () => undefined };

describe('the database', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(() => postgres.stop());

  it('is migrated once by ten nodes that start at the same time', async () => {
    const config = await postgres.database();
    const opened = await Promise.all(
      Array.from({ length: 10 }, () => connectDatabase({ ...config, poolSize: 2 }, quiet)),
    );
    assert.deepEqual(
      opened.map(({ available }) => available),
      Array.from({ length: 10 }, () => true),
    );
    const done = await postgres.query(config, 'SELECT name FROM kysely_migration ORDER BY name');
    assert.deepEqual(
      done.map(({ name }) => name),
      Object.keys(MIGRATIONS),
    );
    const leases = await postgres.query(config, 'SELECT * FROM leader_lease');
    assert.equal(leases.length, 1);
    await Promise.all(opened.map((each) => each.close()));
  });

  it('takes a database that a newer version has migrated', async () => {
    const config = await postgres.database();
    await (await connectDatabase(config, quiet)).close();
    await postgres.query(
      config,
      `INSERT INTO kysely_migration (name, timestamp) VALUES ('999-later', '2030-01-01T00:00:00.000Z')`,
    );
    const again = await connectDatabase(config, quiet);
    assert.equal(again.available, true);
    await again.close();
  });

  it('opens while PostgreSQL is away, and says when it comes, goes, hangs and comes back', async () => {
    const config = await postgres.database();
    await postgres.kill();
    const seen: boolean[] = [];
    let came = 0;
    const database: Database = await connectDatabase(config, { onOutage: (away) => seen.push(away) });
    database.onAvailable(() => came++);
    assert.equal(database.available, false);
    await assert.rejects(sql`SELECT 1`.execute(database.db));

    await postgres.restart();
    await eventually(() => database.available);
    assert.equal(came, 1);
    assert.ok(await database.db.selectFrom('leader_lease').select('epoch').executeTakeFirst());

    await postgres.pause();
    const hanging = database.db.selectFrom('nodes').select('id').execute();
    await assert.rejects(hanging);
    await eventually(() => !database.available);
    await postgres.resume();
    await eventually(() => database.available);
    assert.deepEqual(await database.db.selectFrom('nodes').select('id').execute(), []);
    assert.deepEqual(seen, [true, false, true, false]);
    await database.close();
  });
});
