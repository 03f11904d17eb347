import type { ConversationList } from './conversation-list.js';
import { byId } from './dom.js';

/** What can be done with the conversation on the page, where the server keeps it. */
export class Actions {
  private readonly menu = byId('actions', HTMLDetailsElement);
  private readonly dialog = byId('renaming', HTMLDialogElement);
  private readonly title = byId('title', HTMLInputElement);
  private current: string | undefined;

  constructor(
    private readonly conversations: ConversationList,
    onRemove: (id: string) => void,
  ) {
    byId('rename', HTMLButtonElement).addEventListener('click', () => this.rename());
    byId('delete', HTMLButtonElement).addEventListener('click', () => {
      this.menu.open = false;
      if (this.current !== undefined) onRemove(this.current);
    });
    byId('keep-title', HTMLButtonElement).addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('close', () => {
      const { current, dialog } = this;
      const title = this.title.value.trim();
      this.menu.querySelector('summary')?.focus();
      if (dialog.returnValue !== 'rename' || current === undefined || title === '') return;
      void conversations.rename?.(current, title);
    });
    document.addEventListener('click', ({ target }) => {
      if (target instanceof Node && !this.menu.contains(target)) this.menu.open = false;
    });
    this.menu.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.menu.open) return;
      event.stopPropagation();
      this.menu.open = false;
      this.menu.querySelector('summary')?.focus();
    });
  }

  show(current: string | undefined): void {
    this.current = current;
    const { exportUrl } = this.conversations;
    this.menu.hidden = current === undefined || !exportUrl;
    if (current === undefined || !exportUrl) return;
    byId('export-markdown', HTMLAnchorElement).href = exportUrl(current, 'markdown');
    byId('export-json', HTMLAnchorElement).href = exportUrl(current, 'json');
  }

  private rename(): void {
    this.menu.open = false;
    this.title.value = this.conversations.all().find(({ id }) => id === this.current)?.title ?? '';
    this.dialog.returnValue = '';
    this.dialog.showModal();
    this.title.select();
  }
}
