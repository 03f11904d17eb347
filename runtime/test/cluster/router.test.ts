import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { affinityKey } from '../../src/cluster/routing/affinity.js';
import { hashOf } from '../../src/cluster/routing/rendezvous.js';
import { Router } from '../../src/cluster/routing/router.js';
import type { Target } from '../../src/cluster/routing/target.js';
import fc from '../support/fuzz.js';

const KEYS = Array.from({ length: 10_000 }, (_, index) => hashOf(`session ${index}`));

const target = (id: string, more: Partial<Target> = {}): Target => ({
  id,
  kind: 'peer',
  url: `http://${id}`,
  weight: 1,
  load: 0,
  sequences: 4,
  ...more,
});
const nodes = (count: number) => Array.from({ length: count }, (_, index) => target(`node-${index}`));
const routerOf = (targets: readonly Target[], zone?: string) =>
  new Router({ targetsOf: () => targets, zone });
const ownerOf = (router: Router, key: number) => router.choose('m', key)?.target.id;
const ownersOf = (targets: readonly Target[]) => {
  const router = routerOf(targets);
  return KEYS.map((key) => ownerOf(router, key));
};

const someTargets = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 12 }),
    weight: fc.double({ min: 0.1, max: 8, noNaN: true }),
    load: fc.nat(40),
    sequences: fc.integer({ min: 1, max: 16 }),
  }),
  { minLength: 2, maxLength: 30, selector: ({ id }) => id },
);
const someKey = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('the router', () => {
  it('comes to the same choice on every node, in whatever order it knows the members', () => {
    fc.assert(
      fc.property(someTargets, someKey, fc.integer(), (list, key, turn) => {
        const targets = list.map((each) => target(each.id, each));
        const other = [...targets];
        other.push(...other.splice(0, Math.abs(turn) % other.length));
        assert.equal(ownerOf(routerOf(other.toReversed()), key), ownerOf(routerOf(targets), key));
      }),
    );
  });

  it('moves only the keys of a node that leaves, and gives a node that comes keys of its own only', () => {
    fc.assert(
      fc.property(
        someTargets,
        fc.nat(),
        fc.array(someKey, { minLength: 50, maxLength: 50 }),
        (list, nth, keys) => {
          const targets = list.map(({ id, weight }) => target(id, { weight }));
          const gone = targets[nth % targets.length];
          const [all, rest] = [routerOf(targets), routerOf(targets.filter((each) => each !== gone))];
          for (const key of keys) {
            const owner = ownerOf(all, key);
            if (owner !== gone?.id) assert.equal(ownerOf(rest, key), owner);
          }
        },
      ),
    );
  });

  it('moves no more than 5 % of the keys beyond the share of one node of 20, loads bounded', () => {
    // Every key is under way at once: the bound is felt as much as it can be.
    const spread = (targets: readonly Target[]) => {
      const router = routerOf(targets);
      return KEYS.map((key) => {
        const choice = router.choose('m', key);
        if (choice) router.enter(choice.target);
        return choice?.target.id;
      });
    };
    const all = nodes(20);
    const before = spread(all);
    const after = spread(all.slice(1));
    const moved = before.filter((owner, index) => owner !== 'node-0' && owner !== after[index]).length;
    assert.ok(moved <= 0.05 * KEYS.length, `${moved} of ${KEYS.length} moved`);
    const counts = all.map(({ id }) => before.filter((owner) => owner === id).length);
    assert.ok(Math.max(...counts) <= 1.25 * (KEYS.length / 20) + 1, `${counts}`);
  });

  it('gives each node a share that is its weight', () => {
    const targets = [1, 1, 2, 4].map((weight, index) => target(`node-${index}`, { weight }));
    const owners = ownersOf(targets);
    for (const { id, weight } of targets) {
      const share = owners.filter((owner) => owner === id).length / owners.length;
      assert.ok(Math.abs(share - weight / 8) < 0.02, `${id} has ${share}`);
    }
  });

  it('sends no node more than 1.25 times its share while anything would wait', () => {
    fc.assert(
      fc.property(someTargets, someKey, fc.integer({ min: 1, max: 200 }), (list, key, requests) => {
        const targets = list.map(({ id, weight, sequences }) => target(id, { weight, sequences }));
        const router = routerOf(targets);
        const counts = new Map<string, number>();
        for (let request = 0; request < requests; request++) {
          const choice = router.choose('m', key);
          assert.ok(choice);
          router.enter(choice.target);
          counts.set(choice.target.id, (counts.get(choice.target.id) ?? 0) + 1);
        }
        const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
        for (const { id, weight, sequences } of targets) {
          const most = Math.max(sequences, Math.ceil((1.25 * requests * weight) / weights));
          assert.ok(
            (counts.get(id) ?? 0) <= most,
            `${id} has ${counts.get(id)} of ${requests}, and ${most} at most`,
          );
        }
      }),
    );
  });

  it('takes the next in the same order when one is excluded or full, and says that it does', () => {
    const targets = nodes(5);
    const router = routerOf(targets);
    const [key = 0] = KEYS;
    const first = router.choose('m', key);
    assert.equal(first?.reason, 'affinity');
    const second = router.choose('m', key, new Set([first.target.id]));
    assert.equal(second?.reason, 'spilled');
    assert.equal(
      ownerOf(routerOf(targets.filter(({ id }) => id !== first.target.id)), key),
      second.target.id,
    );
    router.full(first.target, 60_000);
    assert.equal(ownerOf(router, key), second.target.id);
    for (const each of targets) router.full(each, 60_000);
    assert.equal(router.choose('m', key), undefined);
    assert.equal(router.serves('m'), true);
  });

  it('takes the least loaded without a key, and of equals the nearest', () => {
    const busy = nodes(3).map((each, index) => ({ ...each, load: index === 1 ? 1 : 3 }));
    assert.equal(routerOf(busy).choose('m', undefined)?.target.id, 'node-1');
    const zones = nodes(3).map((each, index) => ({ ...each, zone: `z${index}` }));
    assert.equal(routerOf(zones, 'z2').choose('m', undefined)?.target.id, 'node-2');
    const self = zones.map((each, index) => (index === 0 ? { ...each, kind: 'self' as const } : each));
    assert.equal(routerOf(self, 'z2').choose('m', undefined)?.target.id, 'node-0');
    const router = routerOf(nodes(4));
    const spread = Array.from({ length: 8 }, () => {
      const choice = router.choose('m', undefined);
      if (choice) router.enter(choice.target);
      return choice?.target.id;
    });
    assert.equal(new Set(spread).size, 4);
  });
});

describe('what keeps requests together', () => {
  const chat = (...contents: string[]) => ({
    messages: contents.map((content, index) => ({ role: index % 2 ? 'assistant' : 'user', content })),
  });
  const key = (body: object, headers = {}) => affinityKey(headers, { ...body });

  it('is the session that a header names, then the conversation that the body names', () => {
    const named = key(chat('a'), { 'polypod-session': 's' });
    assert.equal(key({ ...chat('b'), user: 'u' }, { 'x-session-id': 's' }), named);
    assert.equal(key({ ...chat('a'), prompt_cache_key: 'k' }), key({ ...chat('b'), prompt_cache_key: 'k' }));
    assert.equal(key({ ...chat('a'), user: 'u' }), key({ prompt: 'b', user: 'u' }));
    assert.notEqual(key({ ...chat('a'), user: 'u' }), key({ ...chat('a'), user: 'v' }));
  });

  it('is how the prompt begins: the same for all turns of a conversation', () => {
    assert.equal(key(chat('Hi')), key(chat('Hi', 'Hello!', 'And now?')));
    assert.notEqual(key(chat('Hi')), key(chat('Ho')));
    const parts = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] };
    assert.equal(key(parts), key(chat('Hi')));
    const long = 'a long instruction '.repeat(200);
    assert.equal(key({ prompt: `${long}one` }), key({ prompt: `${long}two` }));
    assert.equal(
      key({ instructions: 'Be brief.', input: 'a' }),
      key({ instructions: 'Be brief.', input: 'a' }),
    );
  });

  it('is that of the response before', () => {
    const first = 0xfeed;
    const id = `resp_0000feed${'0'.repeat(32)}`;
    assert.equal(key({ input: 'next', previous_response_id: id }), first);
  });

  it('is nothing where nothing is shared, whatever the body is', () => {
    assert.equal(key({}), undefined);
    assert.equal(key({ messages: [] }), undefined);
    // What would throw, and more brackets than a stack has places, where somebody makes a text of them.
    const bad = JSON.parse('{"toString": 1}');
    const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
    for (const body of [
      { prompt: [bad] },
      { messages: [{ role: bad }] },
      { prompt: deep },
      { input: deep },
    ]) {
      assert.doesNotThrow(() => affinityKey({}, body));
    }
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('messages', 'prompt', 'input', 'user'), fc.jsonValue()),
        (body) => {
          assert.doesNotThrow(() => affinityKey({}, body));
        },
      ),
    );
  });
});
