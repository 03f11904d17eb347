import type { Message } from './conversations.js';
import { element } from './dom.js';
import { MarkdownView } from './markdown.js';

const NOTES: Readonly<Record<string, string>> = { stopped: 'You stopped this answer.' };

/** One message on the page. */
export class MessageView {
  readonly root: HTMLElement;
  private readonly body = element('div', { class: 'body' });
  private readonly note = element('p', { class: 'note', hidden: true });
  private readonly source = element('p', { class: 'source' });
  private readonly markdown = new MarkdownView(this.body);
  private frame = 0;

  constructor(
    private message: Message,
    private readonly onRetry: () => void,
  ) {
    const author = message.role === 'user' ? 'You' : 'Assistant';
    this.root = element(
      'article',
      { class: `message ${message.role}` },
      element('h2', { class: 'visually-hidden' }, author),
      this.body,
      this.note,
      this.source,
    );
    this.show();
  }

  /** Shown with the next frame, however many words come before it. */
  update(message: Message): void {
    this.message = message;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.show();
    });
  }

  private show(): void {
    const { role, content, state, failure, model, node } = this.message;
    if (role === 'user') this.body.textContent = content;
    else this.markdown.show(content);
    this.root.classList.toggle('writing', state === 'writing');
    this.root.setAttribute('aria-busy', String(state === 'writing'));
    this.source.textContent = [model, node].filter(Boolean).join(' · ');
    this.source.hidden = role === 'user';
    const note = failure ?? NOTES[state ?? ''];
    this.note.hidden = note === undefined;
    this.note.classList.toggle('failed', failure !== undefined);
    if (note === undefined) this.note.replaceChildren();
    else this.note.replaceChildren(note, ' ', this.retry());
  }

  private retry(): HTMLButtonElement {
    const button = element('button', { type: 'button', class: 'link' }, 'Try again');
    button.addEventListener('click', this.onRetry);
    return button;
  }
}
