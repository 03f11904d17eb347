import type { ConversationList, Entry } from './conversation-list.js';
import { byId, element } from './dom.js';

export interface SidebarListener {
  onOpen(id: string): void;
  onRemove(id: string): void;
  onNew(): void;
}

/** Not at every key: what is being typed is not what is searched for. */
const SEARCH_MILLISECONDS = 200;

/** The list of conversations: beside the chat where there is room, else over it. */
export class Sidebar {
  private readonly list = byId('conversations', HTMLUListElement);
  private readonly toggle = byId('toggle', HTMLButtonElement);
  private readonly search = byId('search', HTMLInputElement);
  private readonly more = byId('more', HTMLButtonElement);
  /** What is on the page, by what it shows. */
  private items: ReadonlyMap<string, HTMLLIElement> = new Map();

  constructor(
    private readonly conversations: ConversationList,
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
    this.more.addEventListener('click', () => void conversations.more?.());
    this.letSearch();
  }

  show(current: string | undefined): void {
    const items = new Map(
      this.conversations.all().map((entry) => {
        const isCurrent = entry.id === current;
        const key = JSON.stringify([entry.id, entry.title, entry.excerpt, isCurrent]);
        return [key, this.items.get(key) ?? this.itemOf(entry, isCurrent)];
      }),
    );
    this.items = items;
    // What stays is not touched: somebody may be about to click it, or be there with the keyboard.
    const { list } = this;
    let place = 0;
    for (const item of items.values()) {
      const there = list.children[place++] ?? null;
      if (there !== item) list.insertBefore(item, there);
    }
    while (list.children.length > items.size) list.lastElementChild?.remove();
    this.more.hidden = this.conversations.hasMore !== true;
    const nothing = byId('no-conversations', HTMLElement);
    nothing.hidden = items.size > 0;
    if (this.conversations.search) {
      nothing.textContent = this.search.value === '' ? 'No conversations yet.' : 'Nothing found.';
    }
  }

  private itemOf({ id, title, excerpt }: Entry, isCurrent: boolean): HTMLLIElement {
    const open = element(
      'button',
      { type: 'button', class: 'open', 'aria-current': isCurrent ? 'true' : undefined },
      title || 'New chat',
      ...(excerpt === undefined ? [] : [element('span', { class: 'excerpt' }, excerpt)]),
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
  }

  private letSearch(): void {
    const { conversations, search } = this;
    search.hidden = !conversations.search;
    let timer: ReturnType<typeof setTimeout> | undefined;
    search.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(() => conversations.search?.(search.value), SEARCH_MILLISECONDS);
    });
  }

  private open(open: boolean): void {
    this.toggle.ariaExpanded = String(open);
    document.body.classList.toggle('sidebar-open', open);
    if (open) byId('new', HTMLButtonElement).focus();
  }
}
