import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { retention } from '../../src/cluster/duties/retention.js';
import { Duties } from '../../src/cluster/duties.js';
import { LeaderLease, NotLeader } from '../../src/cluster/leader-lease.js';
import { connectDatabase, type Database } from '../../src/database/database.js';
import type { DatabaseConfig } from '../../src/database/pool.js';
import { eventually } from '../support/cluster.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

describe("the leader's lease", () => {
  let postgres: TestPostgres;
  let config: DatabaseConfig;
  let databases: Database[];
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(() => postgres.stop());
  beforeEach(async () => {
    config = await postgres.database();
    databases = [];
  });

  const contender = async (node: string, leaseSeconds: number) => {
    const database = await connectDatabase(config, { onOutage: () => undefined });
    databases.push(database);
    const changes: boolean[] = [];
    const lease = new LeaderLease({
      ...{ database, node, leaseSeconds },
      incarnation: `${node}/1`,
      onChange: (leads) => changes.push(leads),
    });
    return { database, lease, changes };
  };
  const close = () => Promise.all(databases.map((database) => database.close()));
  const expire = () => postgres.query(config, 'UPDATE leader_lease SET expires_at = now()');

  it('is held by one of many that want it, renewed under the same epoch, and let go of at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, (_, index) => contender(`node-${index}`, 30)));
    await Promise.all(all.map(({ lease }) => lease.attempt()));
    const leaders = all.filter(({ lease }) => lease.epoch !== undefined);
    assert.deepEqual(
      leaders.map(({ lease }) => lease.epoch),
      [1],
    );
    const [first] = leaders;
    await first?.lease.attempt();
    assert.equal(first?.lease.epoch, 1);
    await first?.lease.resign();
    const other = all.find((each) => each !== first);
    await other?.lease.attempt();
    assert.equal(other?.lease.epoch, 2);
    assert.deepEqual(first?.changes, [true, false]);
    await close();
  });

  it('ends by itself, at the node too, when it is not renewed', async () => {
    const [one, other] = [await contender('one', 3), await contender('other', 30)];
    await one.lease.attempt();
    await other.lease.attempt();
    assert.equal(other.lease.epoch, undefined);
    await eventually(() => one.lease.epoch === undefined);
    await eventually(async () => {
      await other.lease.attempt();
      return other.lease.epoch === 2;
    });
    await close();
  });

  it('says so when it ends and is got again, all while PostgreSQL is being asked', async () => {
    const { lease, changes } = await contender('one', 1);
    await lease.attempt();
    const locked = postgres.query(
      config,
      'BEGIN; UPDATE leader_lease SET node_id = node_id; SELECT pg_sleep(2); COMMIT',
    );
    await sleep(500);
    const renewing = lease.attempt();
    await eventually(() => lease.epoch === undefined);
    await Promise.all([renewing, locked]);
    assert.deepEqual(changes, [true, false, true]);
    await close();
  });

  it('keeps a leader that does not know yet that it was replaced from writing anything', async () => {
    const [old, next] = [await contender('old', 60), await contender('next', 60)];
    await old.lease.attempt();
    await expire();
    await next.lease.attempt();
    assert.deepEqual([old.lease.epoch, next.lease.epoch], [1, 2]);
    const act = old.lease.act((transaction, epoch) =>
      transaction.insertInto('duties').values({ name: 'reap', epoch }).execute(),
    );
    await assert.rejects(act, NotLeader);
    assert.deepEqual(await postgres.query(config, 'SELECT * FROM duties'), []);
    assert.equal(old.lease.epoch, undefined);
    await close();
  });

  it('is not handed on while its holder writes, and undoes what a paused holder has begun', async () => {
    const [old, next] = [await contender('old', 60), await contender('next', 60)];
    await old.lease.attempt();
    let go: () => void = () => undefined;
    const paused = new Promise<void>((resolve) => {
      go = resolve;
    });
    let epochMeanwhile: number | undefined;
    const act = old.lease.act(async (transaction, epoch) => {
      await expire();
      await transaction.insertInto('duties').values({ name: 'reap', epoch }).execute();
      await next.lease.attempt();
      epochMeanwhile = next.lease.epoch;
      await paused;
    });
    const refused = assert.rejects(act);
    await eventually(async () => {
      await next.lease.attempt();
      return next.lease.epoch === 2;
    }, 'the end of the paused transaction');
    assert.equal(epochMeanwhile, undefined);
    go();
    await refused;
    assert.deepEqual(await postgres.query(config, 'SELECT * FROM duties'), []);
    await close();
  });

  it('renews beside a duty that takes long', async () => {
    const { lease } = await contender('one', 60);
    await lease.attempt();
    await lease.act(async (transaction) => {
      await sql`SELECT pg_sleep(0.2)`.execute(transaction);
      await lease.attempt();
    });
    assert.equal(lease.epoch, 1);
    await close();
  });
});

describe('duties', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(() => postgres.stop());

  it('are done once an interval, whoever leads, and not by who does not', async () => {
    const config = await postgres.database();
    const database = await connectDatabase(config, { onOutage: () => undefined });
    const node = (name: string) => {
      const lease = new LeaderLease({
        ...{ database, node: name, incarnation: name, leaseSeconds: 60 },
        onChange: () => undefined,
      });
      let times = 0;
      const failed: unknown[] = [];
      const duties = new Duties(lease, {
        onDone: () => undefined,
        onFailed: (_duty, error) => failed.push(error),
        onFenced: () => undefined,
      });
      duties.add({ name: 'daily', everySeconds: 86_400, run: async () => void times++ });
      duties.add({
        name: 'failing',
        everySeconds: 1,
        run: async (transaction, epoch) => {
          await transaction.insertInto('duties').values({ name: 'half', epoch }).execute();
          throw new Error('no');
        },
      });
      return { lease, duties, failed, times: () => times };
    };
    const [one, other] = [node('one'), node('other')];
    await one.lease.attempt();
    for (const each of [one, other, one]) await each.duties.run();
    await one.lease.resign();
    await other.lease.attempt();
    await other.duties.run();
    assert.deepEqual([one.times(), other.times()], [1, 0]);
    assert.deepEqual([one.failed.length, other.failed.length], [2, 1]);
    const rows = await postgres.query(config, 'SELECT name, epoch FROM duties');
    assert.deepEqual(rows, [{ name: 'daily', epoch: 1 }]);
    await database.close();
  });

  it('delete what is older than it is to be kept, and nothing else', async () => {
    const config = await postgres.database();
    const database = await connectDatabase(config, { onOutage: () => undefined });
    const at = (days: number) => `now() - interval '${days} days'`;
    for (const days of [1, 8, 31]) {
      await postgres.query(
        config,
        `INSERT INTO events (at, type, node_id, details) VALUES (${at(days)}, 'a.b', '${days}', '{}')`,
      );
      await postgres.query(
        config,
        `INSERT INTO audit_log (at, actor_id, actor_name, act) VALUES (${at(days)}, 'x', 'x', '${days}')`,
      );
      await postgres.query(
        config,
        `INSERT INTO conversations (id, owner, created_at, deleted_at) VALUES ('gone ${days}', 'x', ${at(60)}, ${at(days)})`,
      );
    }
    await postgres.query(
      config,
      `INSERT INTO conversations (id, owner, created_at) VALUES ('kept', 'x', ${at(60)})`,
    );
    const duty = retention({ eventDays: 7, auditDays: 30 });
    await database.db.transaction().execute((transaction) => duty.run(transaction, 1));
    const left = async (column: string, table: string) =>
      (await postgres.query(config, `SELECT ${column} AS it FROM ${table} ORDER BY 1`)).map(({ it }) => it);
    assert.deepEqual(await left('node_id', 'events'), ['1']);
    assert.deepEqual(await left('act', 'audit_log'), ['1', '8']);
    assert.deepEqual(await left('id', 'conversations'), ['gone 1', 'kept']);
    await database.close();
  });
});
