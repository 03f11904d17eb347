import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, isPassword, passwordProblem } from '../../src/identity/passwords.js';

const PASSWORD = 'correct horse battery';

test('passwords are kept as argon2id, with a salt of their own, at what OWASP asks for', async () => {
  const [one, two] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(one, two);
});

test('passwords are the same however a keyboard composes them, and however long', async () => {
  const stored = await hashPassword('Zürich Zürich');
  assert.ok(await isPassword('Zu\u0308rich Zu\u0308rich', stored));
  assert.ok(!(await isPassword('Zurich Zurich', stored)));
  const long = '🔑'.repeat(1024);
  assert.equal(passwordProblem(long), undefined);
  const kept = await hashPassword(long);
  assert.ok(await isPassword(long, kept));
  assert.ok(!(await isPassword(`${'🔑'.repeat(1023)}x`, kept)));
});

test('an account that is not there, or has no password, costs as much work as one that is', async () => {
  const stored = await hashPassword(PASSWORD);
  // The quickest of several turns, taken in alternation: whatever else the machine does can only add to a time.
  const quickest = new Map<string | null | undefined, number>();
  for (let round = 0; round < 8; round++) {
    for (const hash of [stored, undefined, null]) {
      const start = performance.now();
      assert.equal(await isPassword('not the password', hash), false);
      quickest.set(hash, Math.min(quickest.get(hash) ?? Infinity, performance.now() - start));
    }
  }
  const known = quickest.get(stored) ?? 0;
  for (const none of [undefined, null]) {
    const unknown = quickest.get(none) ?? 0;
    assert.ok(unknown > known / 2, `${unknown} ms, ${known} ms for one that is there`);
  }
});
