import type { Entry, ExportFormat } from './conversation-list.js';

const PER_PAGE = 50;
const RETRY_MILLISECONDS = { first: 250, longest: 4_000 };
/** Codes of a server that keeps no conversations, or none for this user. Any other may be another the next time. */
const NONE: ReadonlySet<unknown> = new Set(['database_required', 'insufficient_role', 'unknown_url']);

interface Page {
  readonly data: readonly (Entry & { readonly excerpt?: string })[];
  readonly has_more: boolean;
}

/** The conversations that the server keeps, for all of a user's devices. */
export class ServerConversations {
  private found: readonly Entry[] = [];
  private query = '';
  /** Of the latest question: answers to earlier ones may come after its own. */
  private asked = 0;
  hasMore = false;

  constructor(private readonly onChange: () => void) {}

  /**
   * Whether this server keeps conversations, for this user. Asks until it says so or denies it: what is kept in the
   * browser by mistake is not found again. `onWaiting` is called when that takes longer.
   */
  static async areThere(onWaiting: () => void): Promise<boolean> {
    for (let wait = RETRY_MILLISECONDS.first; ; wait = Math.min(wait * 2, RETRY_MILLISECONDS.longest)) {
      const response = await fetch('/v1/conversations?limit=1', { cache: 'no-store' }).catch(() => undefined);
      if (response?.ok) return true;
      const body = await response?.json().catch(() => undefined);
      const code = body?.error?.code;
      if (NONE.has(code)) return false;
      // It is away, but will be back: what is said meanwhile is kept.
      if (code === 'database_unavailable') return true;
      onWaiting();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  all(): readonly Entry[] {
    return this.found;
  }

  search(query: string): void {
    this.query = query.trim();
    void this.refresh();
  }

  async refresh(): Promise<void> {
    const page = await this.load();
    if (!page) return;
    this.found = page.data;
    this.hasMore = page.has_more;
    this.onChange();
  }

  async more(): Promise<void> {
    const page = await this.load(this.found.at(-1)?.id);
    if (!page) return;
    this.found = [...this.found, ...page.data];
    this.hasMore = page.has_more;
    this.onChange();
  }

  async rename(id: string, title: string): Promise<void> {
    await fetch(`/v1/conversations/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title }),
    });
    await this.refresh();
  }

  async remove(id: string): Promise<void> {
    await fetch(`/v1/conversations/${id}`, { method: 'DELETE' });
    await this.refresh();
  }

  exportUrl(id: string, format: ExportFormat): string {
    return `/v1/conversations/${id}/export?format=${format}`;
  }

  /** `undefined` if it can't be had, or is asked for again meanwhile. */
  private async load(after?: string): Promise<Page | undefined> {
    const asked = ++this.asked;
    const query = new URLSearchParams({ limit: String(PER_PAGE) });
    if (this.query !== '') query.set('query', this.query);
    if (after !== undefined) query.set('after', after);
    const response = await fetch(`/v1/conversations?${query}`, { cache: 'no-store' }).catch(() => undefined);
    const page = response?.ok ? await response.json().catch(() => undefined) : undefined;
    return asked === this.asked ? page : undefined;
  }
}
