import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Conversations, Snapshot } from '../../src/conversations/conversations.js';
import { messagesOf, type Turn } from '../../src/conversations/turn.js';
import { MemoryJournal } from '../../src/streams/memory-journal.js';
import { ConversationFeed } from '../../src/websocket/conversation-feed.js';
import type { ServerFrame } from '../../src/websocket/protocol.js';

const ANN = { id: 'user-ann', name: 'ann', role: 'user', kind: 'session' } as const;

function turn(number: number): Turn {
  return {
    conversation: 'conv_1',
    owner: ANN.id,
    title: 'Title',
    number,
    created: number,
    input: [{ id: `question ${number}`, role: 'user', content: 'A question' }],
    answer: `answer ${number}`,
    stream: `chatcmpl-${number}`,
    model: 'demo',
  };
}

it('shows what is told while the conversation is being read after what was there before', async () => {
  const reading = Promise.withResolvers<Snapshot>();
  const frames: ServerFrame[] = [];
  const feed = new ConversationFeed('conv_1', {
    conversations: { read: () => reading.promise } as unknown as Conversations,
    journal: new MemoryJournal(() => ({
      retentionSeconds: 1,
      abandonedSeconds: 1,
      maxStreams: 1,
      retainedBytes: 1,
      maxBytes: 1,
    })),
    principal: ANN,
    send: async (frame) => {
      frames.push(frame);
    },
    onRecovered: () => {},
    onError: assert.ifError,
  });
  const opened = feed.open({ after: 'question 1' });
  feed.tell({ type: 'turn', turn: turn(2) });
  feed.tell('missed');
  await new Promise((resolve) => setImmediate(resolve));
  reading.resolve({
    id: 'conv_1',
    title: 'Title',
    owner: ANN.id,
    messages: messagesOf(turn(1), { content: 'An answer', status: 'completed' }),
    stored: undefined,
  });
  await opened;
  await new Promise((resolve) => setImmediate(resolve));
  feed.stop();
  assert.deepEqual(
    frames.flatMap((frame) => {
      if (frame.type === 'subscribed') return ['subscribed'];
      return frame.type === 'message' ? [frame.message.id] : [];
    }),
    ['subscribed', 'answer 1', 'question 2', 'answer 2'],
  );
});
