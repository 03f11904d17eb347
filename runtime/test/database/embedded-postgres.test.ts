import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';

/** What the server asks a client for: 10 is SCRAM, of PostgreSQL's authentication requests. */
async function authentication(port: number): Promise<number> {
  const parameters = Buffer.from('user\0polypod\0database\0polypod\0\0');
  const startup = Buffer.alloc(8 + parameters.length);
  startup.writeInt32BE(startup.length, 0);
  startup.writeInt32BE(3 << 16, 4);
  parameters.copy(startup, 8);
  const socket = connect(port, '127.0.0.1');
  socket.write(startup);
  const [answer]: Buffer[] = await once(socket, 'data');
  socket.destroy();
  assert.equal(String.fromCharCode(answer?.[0] ?? 0), 'R');
  return answer?.readInt32BE(5) ?? -1;
}

describe('the embedded PostgreSQL', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    // Root's PostgreSQL runs as another user.
    await chmod(directory, 0o755);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('starts with a password, stops, and starts again with the same', async () => {
    const first = await startEmbeddedPostgres(directory);
    assert.equal(await authentication(first.port), 10);
    await first.stop();
    await assert.rejects(authentication(first.port));

    const second = await startEmbeddedPostgres(directory);
    assert.equal(second.password, first.password);
    assert.equal(await authentication(second.port), 10);
    await second.stop();
    await assert.rejects(readFile(join(directory, 'postgres', 'data', 'postmaster.pid')));
  });

  it('waits for one that is about to leave', async () => {
    const leaving = await startEmbeddedPostgres(directory);
    const next = startEmbeddedPostgres(directory);
    await leaving.stop();
    const { port, stop } = await next;
    assert.equal(await authentication(port), 10);
    await stop();
  });

  it('begins anew where the first start was cut short', async () => {
    const cut = join(directory, 'cut');
    await mkdir(join(cut, 'postgres', 'data.unfinished'), { recursive: true });
    await writeFile(join(cut, 'postgres', 'data.unfinished', 'PG_VERSION'), '18');
    const started: string[] = [];
    const postgres = await startEmbeddedPostgres(cut, { onInitialize: (folder) => started.push(folder) });
    assert.equal(await authentication(postgres.port), 10);
    assert.deepEqual(started, [join(cut, 'postgres')]);
    await postgres.stop();
  });
});
