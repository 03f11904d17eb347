import { Actions } from './actions.js';
import { BrowserChat } from './browser-chat.js';
import type { Chatting } from './chatting.js';
import type { ConversationList } from './conversation-list.js';
import { Conversations } from './conversations.js';
import { byId } from './dom.js';
import { fillModels } from './models.js';
import { ServerChat } from './server-chat.js';
import { ServerConversations } from './server-conversations.js';
import { Sidebar } from './sidebar.js';

const form = byId('composer', HTMLFormElement);
const input = byId('input', HTMLTextAreaElement);
const sendButton = byId('send', HTMLButtonElement);
const stopButton = byId('stop', HTMLButtonElement);
const models = byId('model', HTMLSelectElement);
const hint = byId('hint', HTMLElement);

const listener = {
  onConversations: showConversations,
  onWriting: showWriting,
  onBegun: (id: string) => history.replaceState(null, '', `#${id}`),
  onGone: () => open(),
};
const { conversations, chat } = (await ServerConversations.areThere(showWaiting)) ? onServer() : inBrowser();
const sidebar = new Sidebar(conversations, { onNew: () => open(), onOpen: open, onRemove: remove });
const actions = new Actions(conversations, remove);

open(location.hash.slice(1) || undefined);
void fillModels(models, showWriting);
showWriting();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (text === '' || chat.isWriting || models.disabled) return;
  input.value = '';
  fit();
  chat.send(text);
});
input.addEventListener('input', fit);
input.addEventListener('keydown', (event) => {
  // While a character is composed, Enter accepts it.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
stopButton.addEventListener('click', stop);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && chat.isWriting && !isTaken(event)) stop();
});
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-prompt]')) {
  button.addEventListener('click', () => {
    input.value = button.dataset.prompt ?? '';
    form.requestSubmit();
    input.focus();
  });
}
function open(id?: string): void {
  chat.open(id);
  history.replaceState(null, '', id === undefined ? location.pathname : `#${id}`);
  input.focus();
}

/** Several devices, one list: the server has it. */
function onServer(): { conversations: ConversationList; chat: Chatting } {
  const list = new ServerConversations(() => sidebar.show(chat.id));
  const refresh = () => void list.refresh();
  addEventListener('focus', refresh);
  return {
    conversations: list,
    chat: new ServerChat(() => models.value, { ...listener, onConversations: refreshed(list) }),
  };
}

function inBrowser(): { conversations: ConversationList; chat: Chatting } {
  const list = new Conversations();
  const own = new BrowserChat(list, () => models.value, listener);
  addEventListener('pagehide', () => own.isWriting && own.save());
  // Another tab has changed something.
  addEventListener('storage', showConversations);
  return { conversations: list, chat: own };
}

/** Asks for the list anew, once, however much has changed at the same time. */
function refreshed(list: ServerConversations): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => void list.refresh(), 100);
    showConversations();
  };
}

function showConversations(): void {
  sidebar.show(chat.id);
  actions.show(chat.id);
}

async function remove(id: string): Promise<void> {
  if (id === chat.id) {
    chat.stop();
    await conversations.remove(id);
    open();
  } else {
    await conversations.remove(id);
    byId('new', HTMLButtonElement).focus();
  }
  showConversations();
}

function stop(): void {
  chat.stop();
  input.focus();
}

function showWaiting(): void {
  hint.textContent = 'Connecting…';
}

/** Escape means something else: to what composes a character, to an open dialog, and in the search. */
function isTaken({ isComposing, target }: KeyboardEvent): boolean {
  const isSearch = target instanceof HTMLInputElement && target.type === 'search';
  return isComposing || isSearch || document.querySelector('dialog[open]') !== null;
}

function showWriting(): void {
  sendButton.hidden = chat.isWriting;
  stopButton.hidden = !chat.isWriting;
  sendButton.disabled = models.disabled;
  hint.textContent = models.disabled
    ? 'The model is being loaded…'
    : 'Enter sends, Shift + Enter starts a line.';
}

/** As high as its text, up to a limit that the style sheet sets. */
function fit(): void {
  input.style.height = 'auto';
  input.style.height = `${input.scrollHeight}px`;
}
