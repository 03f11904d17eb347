import type { Conversations } from './conversations.js';
import { byId, element } from './dom.js';

export interface SidebarListener {
  onOpen(id: string): void;
  onRemove(id: string): void;
  onNew(): void;
}

/** The list of conversations: beside the chat where there is room, else over it. */
export class Sidebar {
  private readonly list = byId('conversations', HTMLUListElement);
  private readonly toggle = byId('toggle', HTMLButtonElement);

  constructor(
    private readonly conversations: Conversations,
    private readonly listener: SidebarListener,
  ) {
    this.toggle.addEventListener('click', () => this.open(this.toggle.ariaExpanded !== 'true'));
    byId('backdrop', HTMLElement).addEventListener('click', () => this.open(false));
    byId('new', HTMLButtonElement).addEventListener('click', () => {
      this.open(false);
      listener.onNew();
    });
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.toggle.ariaExpanded !== 'true') return;
      event.stopImmediatePropagation();
      this.open(false);
      this.toggle.focus();
    });
  }

  show(current: string): void {
    const items = this.conversations.all().map(({ id, title }) => {
      const open = element(
        'button',
        { type: 'button', class: 'open', 'aria-current': id === current ? 'true' : undefined },
        title || 'New chat',
      );
      open.addEventListener('click', () => {
        this.open(false);
        this.listener.onOpen(id);
      });
      const remove = element(
        'button',
        { type: 'button', class: 'remove', 'aria-label': `Delete “${title || 'New chat'}”`, title: 'Delete' },
        '×',
      );
      remove.addEventListener('click', () => this.listener.onRemove(id));
      return element('li', {}, open, remove);
    });
    this.list.replaceChildren(...items);
    byId('no-conversations', HTMLElement).hidden = items.length > 0;
  }

  private open(open: boolean): void {
    this.toggle.ariaExpanded = String(open);
    document.body.classList.toggle('sidebar-open', open);
    if (open) byId('new', HTMLButtonElement).focus();
  }
}
