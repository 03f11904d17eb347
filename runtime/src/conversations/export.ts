import type { Conversation } from './conversation-store.js';
import type { Message } from './turn.js';

/** A conversation with all its items, as `POST /v1/conversations` and its `items` take them. */
export function toJson(conversation: object, items: readonly object[]): string {
  return `${JSON.stringify({ ...conversation, items }, null, 2)}\n`;
}

const NAMES: Readonly<Record<Message['role'], string>> = {
  system: 'System',
  developer: 'Developer',
  user: 'You',
  assistant: 'Assistant',
};

/** For people: a heading a message. What was written in Markdown stays as it is. */
export function toMarkdown(
  { title, created }: Pick<Conversation, 'title' | 'created'>,
  messages: readonly Message[],
): string {
  const blocks = messages.map(({ role, model, content, status }) => {
    const by = model === undefined ? '' : ` (${model})`;
    const cut = status === 'completed' ? '' : '\n\n*This answer is not complete.*';
    return `## ${NAMES[role]}${by}\n\n${content}${cut}`;
  });
  return [`# ${oneLine(title) || 'Conversation'}`, `*${created.toISOString()}*`, ...blocks, '']
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
