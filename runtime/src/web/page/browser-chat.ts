import type { ChatListener, Chatting } from './chatting.js';
import {
  type Conversation,
  type Conversations,
  type Message,
  newConversation,
  titleOf,
} from './conversations.js';
import { Generation, GenerationFailed } from './generation.js';
import { MessageLog } from './message-log.js';

/** Often enough for a page that is closed in the middle of an answer. */
const SAVE_MILLISECONDS = 500;
/** A conversation that this browser keeps, and the answer that is being written. */
export class BrowserChat implements Chatting {
  private conversation: Conversation = newConversation();
  private generation: Generation | undefined;
  private readonly log = new MessageLog(() => this.retry());

  constructor(
    private readonly conversations: Conversations,
    private readonly model: () => string,
    private readonly listener: ChatListener,
  ) {}

  get id(): string {
    return this.conversation.id;
  }

  get isWriting(): boolean {
    return this.generation !== undefined;
  }

  /** Shows a conversation, and goes on with its last answer if that is not complete. */
  open(id?: string): void {
    this.leave();
    this.conversation = (id === undefined ? undefined : this.conversations.get(id)) ?? newConversation();
    this.log.clear();
    this.log.show(this.conversation.messages);
    this.log.scrollToEnd();
    this.listener.onConversations();
    const last = this.conversation.messages.at(-1);
    if (last?.state !== 'writing') return;
    const { position } = last;
    if (position) void this.write((generation) => generation.resume(position));
    else this.change({ state: 'failed', failure: 'This answer was cut off.' });
  }

  send(content: string): void {
    const { messages } = this.conversation;
    this.conversation = { ...this.conversation, title: this.conversation.title || titleOf(content) };
    this.setMessages([...messages, { role: 'user', content }]);
    this.answer();
    this.listener.onBegun(this.id);
  }

  /** Ends the answer that is being written. */
  stop(): void {
    if (!this.generation) return;
    this.generation.stop();
    this.change({ state: 'stopped' });
    this.log.announce('Stopped.');
    this.end();
  }

  private answer(): void {
    const model = this.model();
    const messages = this.conversation.messages
      .filter(({ content }) => content !== '')
      .map(({ role, content }) => ({ role, content }));
    this.setMessages([
      ...this.conversation.messages,
      { role: 'assistant', content: '', model, state: 'writing' },
    ]);
    this.log.scrollToEnd();
    this.log.announce('The assistant is writing.');
    void this.write((generation) => generation.start(model, messages));
  }

  private retry(): void {
    this.leave();
    this.setMessages(this.conversation.messages.slice(0, -1));
    this.answer();
  }

  private async write(run: (generation: Generation) => Promise<void>): Promise<void> {
    const generation: Generation = new Generation({
      onPosition: (position) => {
        if (this.generation !== generation) return;
        this.change({ position });
        this.save();
      },
      onText: (text, position) => {
        if (this.generation !== generation) return;
        const content = (this.conversation.messages.at(-1)?.content ?? '') + text;
        this.change({ content, ...(position && { position }) });
      },
      onNode: (node) => this.generation === generation && this.change({ node }),
      onConnection: (connected) => this.generation === generation && this.log.showConnection(connected),
    });
    this.generation = generation;
    this.listener.onWriting(true);
    const saving = setInterval(() => this.save(), SAVE_MILLISECONDS);
    try {
      await run(generation);
      if (this.generation !== generation) return;
      this.change({ state: undefined, position: undefined });
      this.log.announce(`The assistant has answered: ${this.conversation.messages.at(-1)?.content}`);
    } catch (error) {
      if (this.generation !== generation) return;
      const failure =
        error instanceof GenerationFailed ? error.message : 'Something went wrong on this page.';
      this.change({ state: 'failed', failure });
      this.log.announce(failure);
      if (!(error instanceof GenerationFailed)) console.error(error);
    } finally {
      clearInterval(saving);
      if (this.generation === generation) this.end();
    }
  }

  /** The answer goes on on the server; who comes back soon reads on. */
  private leave(): void {
    if (!this.generation) return;
    this.save();
    this.generation.detach();
    this.generation = undefined;
    this.log.showConnection(true);
    this.listener.onWriting(false);
  }

  private end(): void {
    this.generation = undefined;
    this.save();
    this.log.showConnection(true);
    this.listener.onWriting(false);
    this.listener.onConversations();
  }

  /** Changes the last message. */
  private change(fields: { readonly [Key in keyof Message]?: Message[Key] | undefined }): void {
    const { messages } = this.conversation;
    const last = messages.at(-1);
    if (!last) return;
    const changed: Message = JSON.parse(JSON.stringify({ ...last, ...fields }));
    this.conversation = { ...this.conversation, messages: [...messages.slice(0, -1), changed] };
    this.log.show(this.conversation.messages);
  }

  private setMessages(messages: readonly Message[]): void {
    this.conversation = { ...this.conversation, messages, updated: Date.now() };
    this.log.show(messages);
    this.save();
    this.listener.onConversations();
  }

  save(): void {
    if (this.conversation.messages.length > 0) this.conversations.save(this.conversation);
  }
}
