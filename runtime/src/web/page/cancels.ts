import type { Frame } from './chat-socket.js';

/** What the server could not do now is asked for again after so long. */
const AGAIN_MILLISECONDS = 1_000;

/**
 * Answers that are to end. What is sent over a connection that is being lost may never arrive, so each is remembered,
 * and asked for again, until the server has said that it ends or has ended.
 */
export class Cancels {
  /** The server has not said yet which answers these have: it is asked by saying them again. By their ids. */
  private readonly starts = new Map<string, Frame>();
  /** The conversations of answers, by the answers' ids. */
  private readonly answers = new Map<string, string>();

  constructor(private readonly send: (frame: Frame) => void) {}

  /** Of a start, or of an answer. */
  has(id: string | undefined): boolean {
    return id !== undefined && (this.starts.has(id) || this.answers.has(id));
  }

  /** The answer to what was said is to end as soon as it is known which one it is. */
  addStart(id: string, start: Frame): void {
    this.starts.set(id, start);
  }

  addAnswer(conversation: string, id: string): void {
    this.answers.set(id, conversation);
    this.cancel(conversation, id);
  }

  /** After the connection was made again. */
  sendAgain(): void {
    for (const start of this.starts.values()) this.send(start);
    for (const [id, conversation] of this.answers) this.cancel(conversation, id);
  }

  /** What the server says of any of them. */
  take(frame: Frame): void {
    const { type, id, conversation, message, request, error } = frame;
    if (type === 'started') {
      if (this.starts.delete(String(id))) this.addAnswer(String(conversation), String(message));
    } else if (type === 'cancelled' || type === 'done') {
      this.answers.delete(String(message));
    } else if (type === 'error') {
      // What is refused has not begun.
      this.starts.delete(String(request));
      if (!this.answers.has(String(request))) return;
      const isFinal = (error as { type?: string } | undefined)?.type === 'invalid_request_error';
      if (isFinal) this.answers.delete(String(request));
      else setTimeout(() => this.sendAgain(), AGAIN_MILLISECONDS);
    }
  }

  private cancel(conversation: string, id: string): void {
    this.send({ type: 'cancel', request: id, conversation, message: id });
  }
}
