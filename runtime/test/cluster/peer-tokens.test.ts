import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { ClusterSecret } from '../../src/cluster/peers/cluster-secret.js';
import { PeerTokenError, PeerTokens } from '../../src/cluster/peers/peer-tokens.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { peerToken } from '../support/peer-token.js';

const SECRET = 'a secret of the cluster';

describe('tokens between nodes', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-tokens-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const open = async (name: string, secret = SECRET, overlap = 600) => {
    const file = join(directory, name);
    await writeFile(file, secret);
    let changes = 0;
    const opened = await ClusterSecret.open({
      file,
      overlapSeconds: () => overlap,
      pollMilliseconds: 20,
      onChange: () => changes++,
    });
    return {
      secret: opened,
      tokens: new PeerTokens(opened, name),
      async change(next: string) {
        const before = changes;
        await writeFile(file, next);
        await eventually(() => changes > before, 'a change of the secret');
      },
    };
  };
  const fault = (tokens: PeerTokens, authorization: string | undefined) =>
    tokens.verify(authorization).then(
      () => undefined,
      (error: unknown) => error instanceof PeerTokenError && error.fault,
    );

  it('say who calls, and are made and checked once for many requests', async () => {
    const [a, b] = [await open('a'), await open('b')];
    const token = await a.tokens.tokenFor('b');
    assert.equal(await b.tokens.verify(`Bearer ${token}`), 'a');
    assert.equal(await a.tokens.tokenFor('b'), token);
    assert.notEqual(await a.tokens.tokenFor('c'), token);
    b.tokens.alsoFor('http://10.0.0.1:4001');
    assert.equal(await b.tokens.verify(`Bearer ${await a.tokens.tokenFor('http://10.0.0.1:4001')}`), 'a');
    a.secret.close();
    b.secret.close();
  });

  it('are refused when they are missing, malformed, forged, expired or for another node', async () => {
    const { tokens, secret } = await open('b');
    assert.equal(await fault(tokens, await peerToken(SECRET, 'b')), undefined);
    const plain = new UnsecuredJWT({ aud: 'b', iss: 'a' }).setExpirationTime('60s').setIssuedAt().encode();
    const good = await peerToken(SECRET, 'b');
    for (const [authorization, expected] of [
      [undefined, 'missing'],
      ['', 'malformed'],
      [`Bearer ${SECRET}`, 'malformed'],
      [`Basic ${SECRET}`, 'malformed'],
      ['Bearer a.b.c', 'malformed'],
      [`Bearer ${plain}`, 'forged'],
      [`${good.slice(0, -4)}AAAA`, 'forged'],
      [await peerToken('another secret', 'b'), 'forged'],
      [await peerToken(SECRET, 'b', { algorithm: 'HS512' }), 'forged'],
      [await peerToken(SECRET, 'b', { issued: -120, expires: -60 }), 'expired'],
      // Long-lived ones are not made by nodes.
      [await peerToken(SECRET, 'b', { issued: -3600, expires: 3600 }), 'expired'],
      [await peerToken(SECRET, 'a'), 'audience'],
    ] as const) {
      assert.equal(await fault(tokens, authorization), expected, authorization);
    }
    secret.close();
  });

  it('bear clocks that are half a minute apart', async () => {
    const { tokens, secret } = await open('b');
    assert.equal(await fault(tokens, await peerToken(SECRET, 'b', { issued: 20, expires: 80 })), undefined);
    assert.equal(await fault(tokens, await peerToken(SECRET, 'b', { issued: -80, expires: -20 })), undefined);
    secret.close();
  });

  it('are good while the secret changes, on one node after the other', async () => {
    const [a, b] = [await open('a'), await open('b')];
    const calls = async () => [
      await fault(b.tokens, `Bearer ${await a.tokens.tokenFor('b')}`),
      await fault(a.tokens, `Bearer ${await b.tokens.tokenFor('a')}`),
    ];
    for (const node of [a, b]) {
      await node.change('the next secret');
      assert.deepEqual(await calls(), [undefined, undefined]);
    }
    assert.equal(await fault(b.tokens, await peerToken(SECRET, 'b')), undefined);
    assert.equal(await fault(b.tokens, await peerToken('the next secret', 'b')), undefined);
    a.secret.close();
    b.secret.close();
  });

  it('of the old secret are refused once its time is over, and the new one signs before', async () => {
    const { tokens, secret, change } = await open('b', SECRET, 0.4);
    await change('the next secret');
    const isNew = () => Buffer.from(secret.signing).toString() === 'the next secret';
    await eventually(isNew, 'signing with the new secret');
    await eventually(
      async () => (await fault(tokens, await peerToken(SECRET, 'b'))) === 'forged',
      'a refusal',
    );
    secret.close();
  });

  it('keep the old secret where the new one can not be read, and need one to start', async () => {
    const { secret, change } = await open('b');
    await change('');
    assert.equal(Buffer.from(secret.signing).toString(), SECRET);
    secret.close();
    await assert.rejects(open('empty', ' '), /is empty/);
  });
});

describe('the peer port', () => {
  let directory: string;
  let node: TestNode;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-peer-'));
    const secretFile = join(directory, 'secret');
    await writeFile(secretFile, SECRET);
    node = await startTestNode({ nodeId: 'b', cluster: { secretFile } });
  });
  after(async () => {
    await node.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const ask = (headers: Record<string, string>) =>
    fetch(`${node.node.peerUrl}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model: 'demo', prompt: 'Hi', max_tokens: 2, temperature: 0 }),
    });

  it('asks for a body where one is needed', async () => {
    const answer = await fetch(`${node.node.peerUrl}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await peerToken(SECRET, 'b') },
    });
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /The body is empty: send JSON/);
  });

  it('answers nodes, under the id that they choose, and nobody else; counts who was refused', async () => {
    const answer = await ask({
      authorization: await peerToken(SECRET, 'b'),
      'polypod-answer-id': 'cmpl-chosen-elsewhere',
    });
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /"id":"cmpl-chosen-elsewhere"/);
    for (const authorization of [
      'Bearer nothing',
      await peerToken('forged', 'b'),
      await peerToken(SECRET, 'c'),
      await peerToken(SECRET, 'b', { issued: -120, expires: -60 }),
    ]) {
      const refused = await ask({ authorization });
      assert.equal(refused.status, 401);
      assert.match(await refused.text(), /"code":"invalid_peer_token"/);
      assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
    }
    const metrics = await (await fetch(node.node.metricsUrl)).text();
    for (const fault of ['malformed', 'forged', 'audience', 'expired']) {
      assert.match(metrics, new RegExp(`polypod_peer_requests_refused_total\\{fault="${fault}"\\} 1`));
    }
  });

  it('is the only one that believes who asks, and which id the answer gets', async () => {
    const answer = await fetch(`${node.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'polypod-answer-id': 'cmpl-of-my-own' },
      body: JSON.stringify({ model: 'demo', prompt: 'Hi', max_tokens: 2 }),
    });
    assert.equal(answer.status, 200);
    assert.doesNotMatch(await answer.text(), /cmpl-of-my-own/);
  });
});
