import { Chat } from './chat.js';
import { Conversations } from './conversations.js';
import { byId } from './dom.js';
import { fillModels } from './models.js';
import { Sidebar } from './sidebar.js';

const form = byId('composer', HTMLFormElement);
const input = byId('input', HTMLTextAreaElement);
const sendButton = byId('send', HTMLButtonElement);
const stopButton = byId('stop', HTMLButtonElement);
const models = byId('model', HTMLSelectElement);
const hint = byId('hint', HTMLElement);

const conversations = new Conversations();
const chat = new Chat(conversations, () => models.value, {
  onConversations: () => sidebar.show(chat.id),
  onWriting: showWriting,
});
const sidebar: Sidebar = new Sidebar(conversations, {
  onNew: () => open(),
  onOpen: open,
  onRemove: remove,
});

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
  history.replaceState(null, '', `#${chat.id}`);
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
  if (event.key === 'Escape' && chat.isWriting) stop();
});
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-prompt]')) {
  button.addEventListener('click', () => {
    input.value = button.dataset.prompt ?? '';
    form.requestSubmit();
    input.focus();
  });
}
addEventListener('pagehide', () => chat.isWriting && chat.save());
// Another tab has changed something.
addEventListener('storage', () => sidebar.show(chat.id));

function open(id?: string): void {
  chat.open(id);
  history.replaceState(null, '', id === undefined ? location.pathname : `#${id}`);
  input.focus();
}

function remove(id: string): void {
  if (id === chat.id) {
    chat.stop();
    conversations.remove(id);
    open();
  } else {
    conversations.remove(id);
    sidebar.show(chat.id);
    byId('new', HTMLButtonElement).focus();
  }
}

function stop(): void {
  chat.stop();
  input.focus();
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
