import type { Message } from './conversations.js';
import { byId } from './dom.js';
import { MessageView } from './messages.js';

/** Who has scrolled up further than this wants to read there. */
const NEAR_END_PIXELS = 80;

/** The messages on the page, and what is said to those who can't see it. */
export class MessageLog {
  private views: MessageView[] = [];
  private readonly root = byId('messages', HTMLElement);
  private readonly status = byId('status', HTMLElement);
  private readonly connection = byId('connection', HTMLElement);

  constructor(private readonly onRetry: () => void) {}

  /** Shows these messages; those at the same place as before are changed, not made anew. */
  show(messages: readonly Message[]): void {
    const follows = this.isNearEnd;
    for (const view of this.views.splice(messages.length)) view.root.remove();
    for (const [index, message] of messages.entries()) {
      const view = this.views[index];
      if (view) view.update(message);
      else this.add(message);
    }
    document.body.classList.toggle('empty', messages.length === 0);
    if (follows) requestAnimationFrame(() => this.scrollToEnd());
  }

  /** Another conversation. */
  clear(): void {
    this.views = [];
    this.root.replaceChildren();
  }

  scrollToEnd(): void {
    this.root.scrollTop = this.root.scrollHeight;
  }

  showConnection(connected: boolean): void {
    if (this.connection.hidden === connected) return;
    this.connection.hidden = connected;
    if (!connected) this.announce('The connection is lost. Connecting again.');
  }

  announce(text: string): void {
    this.status.textContent = text;
  }

  private add(message: Message): void {
    const view = new MessageView(message, this.onRetry);
    this.views.push(view);
    this.root.append(view.root);
  }

  private get isNearEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.root;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PIXELS;
  }
}
