import { placeholderText } from '../../../constructs/contracts';
import { labels, nameProblems, objectName, selectorLabels } from '../../../constructs/kubernetes/labels';

const identity = { application: 'polypod-runtime', instance: 'chat', component: 'worker' };

test('selectors hold only what never changes', () => {
  expect(selectorLabels(identity)).toEqual({
    'app.kubernetes.io/name': 'polypod-runtime',
    'app.kubernetes.io/instance': 'chat',
    'app.kubernetes.io/component': 'worker',
  });
  expect(labels({ ...identity, partOf: 'portal' })).toEqual({
    ...selectorLabels(identity),
    'app.kubernetes.io/part-of': 'portal',
    'app.kubernetes.io/managed-by': 'polypod',
  });
});

test('names leave out what is not there', () => {
  expect(objectName('chat', undefined, 'peers')).toBe('chat-peers');
});

describe('nameProblems', () => {
  test.each(['chat', 'a', 'chat-2', placeholderText(3), 'a'.repeat(63)])('takes %s', (name) => {
    expect(nameProblems('name', name)).toEqual([]);
  });
  test.each([
    ['My Chat', 'did you mean "my-chat"?'],
    ['2chat', 'did you mean "chat"?'],
    ['chat-', 'did you mean "chat"?'],
    ['…', 'write a name such as "chat"'],
    ['a'.repeat(64), 'choose a shorter name'],
  ])('refuses %s', (name, mend) => {
    expect(nameProblems('name', name)).toEqual([
      expect.objectContaining({ path: 'name', value: name, mend }),
    ]);
  });
});
