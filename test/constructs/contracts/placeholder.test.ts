import { createHash } from 'node:crypto';
import {
  contentHash,
  isMangledPlaceholder,
  isPlaceholder,
  placeholderIndex,
  placeholderNumber,
  placeholderText,
  splitPlaceholders,
} from '../../../constructs/contracts';

test.each([
  placeholderText(0),
  `redis://${placeholderText(12)}:6379`,
  `http://host:${placeholderNumber(3)}`,
  encodeURIComponent(placeholderText(1)),
  contentHash(placeholderText(1), 8),
  placeholderNumber(0),
  placeholderNumber(7) + 1,
])('%s is known as a placeholder', (value) => {
  expect(isPlaceholder(value)).toBe(true);
});

test.each([
  '',
  'host',
  '&',
  '-9007199254740991',
  0,
  -1,
  Number.MIN_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER,
  undefined,
  {},
])('%s is not a placeholder', (value) => {
  expect(isPlaceholder(value)).toBe(false);
});

test('a text comes apart into what is literal and what is pending', () => {
  const text = `a${placeholderText(1)}${placeholderNumber(2)}b${encodeURIComponent(placeholderText(3))}`;
  expect(splitPlaceholders(text)).toEqual([
    'a',
    { kind: 'output', index: 1, found: placeholderText(1) },
    { kind: 'output', index: 2, found: String(placeholderNumber(2)) },
    'b',
    { kind: 'output', index: 3, found: encodeURIComponent(placeholderText(3)) },
  ]);
  expect(splitPlaceholders('literal')).toEqual(['literal']);
  expect(splitPlaceholders('')).toEqual(['']);
});

test('a number tells its output, also after it was computed with', () => {
  expect(placeholderIndex(placeholderNumber(41))).toBe(41);
  expect(placeholderIndex(placeholderNumber(41) + 1)).toBe(41);
  expect(placeholderIndex(8080)).toBeUndefined();
});

test('what was cut or re-cased is known as such', () => {
  const whole = placeholderText(5);
  for (const text of [whole.slice(1), whole.slice(0, -1), whole.toLowerCase()]) {
    expect([text, isMangledPlaceholder(text)]).toEqual([text, true]);
  }
  expect(isMangledPlaceholder(`${whole} and ${placeholderNumber(5)} and 9007199254740991`)).toBe(false);
});

test('the hash of a text is SHA-256, and of a pending text a placeholder that holds the text', () => {
  expect(contentHash('x')).toBe(createHash('sha256').update('x').digest('hex'));
  expect(contentHash('x', 10)).toBe(contentHash('x').slice(0, 10));
  const pending = `host: ${placeholderText(1)} ü`;
  expect(splitPlaceholders(contentHash(pending, 10))).toEqual([{ kind: 'hash', text: pending, length: 10 }]);
});
