import { Cancels } from './cancels.js';
import { ChatSocket, type Frame } from './chat-socket.js';
import type { ChatListener, Chatting } from './chatting.js';
import type { Message } from './conversations.js';
import { MessageLog } from './message-log.js';

interface ServerMessage extends Message {
  readonly id: string;
  /** Number of the last chunk that came. */
  readonly seq: number;
}

/** What was said, and not yet confirmed. */
interface Start extends Frame {
  readonly type: 'start';
  readonly id: string;
  readonly content?: string;
}

/** Why an answer is not complete, in words for the reader; others are told as they come. */
const REASONS: Readonly<Record<string, string>> = {
  max_output_tokens: 'This answer was too long, and cut off.',
  lost: 'This answer was lost.',
};

/** Messages that the server does not have: it has refused them, or they were stopped before it was told. */
const UNSENT = 'unsent';
const REFUSED = 'refused';

/**
 * A conversation that the server keeps. All devices that show it see the same; after a lost connection each gets what
 * it has missed, and says again what was not confirmed.
 */
export class ServerChat implements Chatting {
  private conversation: string | undefined;
  private messages: readonly ServerMessage[] = [];
  private starting: Start | undefined;
  /** The answer to it. */
  private expected: string | undefined;
  /** It stands among the messages, though it is not confirmed yet. */
  private isShown = false;
  /** It has left this page: the server may have begun an answer. */
  private wasSent = false;
  private node = '';
  private readonly log = new MessageLog(() => this.retry());
  private readonly socket: ChatSocket;
  private readonly cancels = new Cancels((frame) => this.socket.send(frame));
  private wasWriting = false;

  constructor(
    private readonly model: () => string,
    private readonly listener: ChatListener,
  ) {
    this.socket = new ChatSocket({
      onFrame: (frame) => this.take(frame),
      onConnection: (connected) => {
        this.log.showConnection(connected);
        if (!connected) return;
        // Before an answer is asked for again, which the server then knows no more.
        this.cancels.sendAgain();
        this.catchUp();
      },
    });
  }

  get id(): string | undefined {
    return this.conversation;
  }

  get isWriting(): boolean {
    return this.starting !== undefined || this.messages.some(({ state }) => state === 'writing');
  }

  open(id?: string): void {
    if (this.conversation !== undefined && this.conversation !== id) {
      this.socket.send({ type: 'unsubscribe', conversation: this.conversation });
    }
    this.conversation = id;
    this.messages = [];
    this.starting = undefined;
    this.log.clear();
    this.show();
    this.catchUp();
    this.listener.onConversations();
  }

  send(content: string): void {
    this.begin({ content });
    this.log.scrollToEnd();
  }

  stop(): void {
    this.stopStarting();
    for (const { id, state } of this.messages) {
      if (state !== 'writing' || this.conversation === undefined) continue;
      this.cancels.addAnswer(this.conversation, id);
      this.change(id, (message) => ({ ...message, state: 'stopped' }));
    }
    this.log.announce('Stopped.');
    this.show();
  }

  /** What was sent may have begun, and goes on being said until it is known what there is to cancel. */
  private stopStarting(): void {
    const { starting, expected, conversation } = this;
    if (!starting) return;
    if (!this.wasSent) this.withdraw(starting, { state: 'stopped' });
    else if (expected === undefined) this.cancels.addStart(starting.id, starting);
    else if (conversation !== undefined) this.cancels.addAnswer(conversation, expected);
  }

  /** The server does not have it. It stays on the page, where it can be said again. */
  private withdraw({ content }: Start, ended: Pick<Message, 'state' | 'failure'>): void {
    this.starting = undefined;
    if (content === undefined) return;
    this.messages = [
      ...this.messages,
      { id: UNSENT, role: 'user', content, seq: -1 },
      { id: REFUSED, role: 'assistant', content: '', seq: -1, ...ended },
    ];
  }

  private retry(): void {
    // Its answer is not known yet.
    if (this.starting) return;
    const [question, answer] = this.messages.slice(-2);
    if (answer?.id === REFUSED && question) {
      this.messages = this.messages.slice(0, -2);
      this.begin({ content: question.content });
    } else if (answer) this.begin({ retry: answer.id });
  }

  private begin(what: { content: string } | { retry: string }): void {
    const { conversation } = this;
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.replaceAll('.', '-');
    const start: Start = { type: 'start', id, request: id, model: this.model(), ...what };
    this.starting = { ...start, ...(conversation !== undefined && { conversation }) };
    this.expected = undefined;
    this.isShown = false;
    this.wasSent = this.socket.send(this.starting);
    this.show();
    this.log.announce('The assistant is writing.');
  }

  /** Asks for what has come since, and says again what may not have arrived. */
  private catchUp(): void {
    const { conversation, messages, starting } = this;
    if (conversation !== undefined) {
      const have = messages
        .filter(({ id, state }) => state === 'writing' || this.cancels.has(id))
        .map(({ id, seq }) => [id, seq]);
      const after = messages.findLast(({ id }) => id !== UNSENT && id !== REFUSED)?.id;
      this.socket.send({
        type: 'subscribe',
        request: 'open',
        conversation,
        have: Object.fromEntries(have),
        ...(after !== undefined && { after }),
      });
    }
    if (starting && !this.cancels.has(starting.id)) this.wasSent = this.socket.send(starting) || this.wasSent;
  }

  private take(frame: Frame): void {
    this.cancels.take(frame);
    if (frame.type === 'ready') this.node = String(frame.node);
    else if (frame.type === 'started') this.started(frame);
    else if (frame.type === 'error') this.failed(frame);
    else if (frame.type === 'updated') this.listener.onConversations();
    else if (frame.type === 'deleted') {
      if (frame.conversation === this.conversation) this.listener.onGone();
      this.listener.onConversations();
    } else if (frame.conversation === this.conversation) this.takeOwn(frame);
  }

  private takeOwn(frame: Frame): void {
    const { message: id, seq } = frame;
    if (frame.type === 'message') this.add(frame);
    else if (frame.type === 'chunk') {
      const message = this.messages.find((each) => each.id === id);
      if (!message || seq !== message.seq + 1) return;
      const content = message.content + frame.text;
      this.change(message.id, () => ({ ...message, content, seq: message.seq + 1, node: this.node }));
    } else if (frame.type === 'done') {
      const { status, reason, error } = frame;
      const ended = endOf(status, reason, error);
      this.change(String(id), ({ state: _, ...message }) => ({ ...message, ...ended }));
      const text = this.messages.find((each) => each.id === id)?.content;
      if (ended.failure !== undefined) this.log.announce(ended.failure);
      // Who has stopped it knows.
      else if (ended.state !== 'stopped') this.log.announce(`The assistant has answered: ${text}`);
      this.listener.onConversations();
    }
    this.show();
  }

  private add({ message: told, replaces }: Frame): void {
    const { id, role, content, status, model, reason } = told as Record<string, string>;
    const message: ServerMessage = {
      id: id ?? '',
      role: role === 'assistant' ? 'assistant' : 'user',
      content: content ?? '',
      seq: -1,
      ...(model !== undefined && { model }),
      ...(status === 'in_progress' ? this.underWay(id) : endOf(status, reason)),
    };
    const known = this.messages.some((each) => each.id === id);
    this.messages = known
      ? this.messages.map((each) => (each.id === id ? message : each))
      : [...this.messages.filter((each) => each.id !== replaces), message];
    const { starting } = this;
    if (!starting) return;
    // What was said is there now, as the server has it.
    const isThere = id === this.expected || replaces === (starting.retry ?? '');
    if (isThere) this.messages = this.messages.filter((each) => each.id !== starting.retry);
    if (isThere) this.starting = undefined;
    else if (role === 'user' && content === starting.content) this.isShown = true;
  }

  private started({ id, conversation, message }: Frame): void {
    if (id !== this.starting?.id) return;
    this.expected = String(message);
    const isNew = this.conversation === undefined;
    this.conversation = String(conversation);
    if (isNew) this.listener.onBegun(this.conversation);
    if (this.messages.some(({ id }) => id === this.expected)) this.starting = undefined;
    this.listener.onConversations();
    this.show();
  }

  private failed({ request, error, conversation }: Frame): void {
    const { message = 'Something went wrong.', code } = (error ?? {}) as { message?: string; code?: string };
    const { starting } = this;
    if (starting && request === starting.id) {
      this.withdraw(starting, { state: 'failed', failure: message });
      this.log.announce(message);
    } else if (code === 'conversation_not_found' && request === 'open') {
      this.listener.onGone();
    } else if (request === 'open' || (conversation === this.conversation && conversation !== undefined)) {
      setTimeout(() => this.catchUp(), 1_000);
    }
    this.show();
  }

  private change(id: string, to: (message: ServerMessage) => ServerMessage): void {
    this.messages = this.messages.map((message) => (message.id === id ? to(message) : message));
  }

  /** It stands as stopped from then on, whatever of it is still to come. */
  private underWay(id: string | undefined): Pick<Message, 'state'> {
    return { state: this.cancels.has(id) ? 'stopped' : 'writing' };
  }

  private show(): void {
    const { starting, messages } = this;
    const provisional: Message[] = [];
    if (starting?.content !== undefined && !this.isShown) {
      provisional.push({ role: 'user', content: starting.content });
      provisional.push({ role: 'assistant', content: '', ...this.underWay(this.expected ?? starting.id) });
    }
    this.log.show([...messages, ...provisional]);
    if (this.isWriting !== this.wasWriting) this.listener.onWriting(this.isWriting);
    this.wasWriting = this.isWriting;
  }
}

/** How an answer that has ended is shown. */
function endOf(status: unknown, reason: unknown, error?: unknown): Pick<Message, 'state' | 'failure'> {
  if (status !== 'incomplete') return {};
  if (reason === 'cancelled') return { state: 'stopped' };
  return { state: 'failed', failure: String(error ?? REASONS[String(reason)] ?? 'This answer was cut off.') };
}
