/** Hands events from callbacks to one `for await`. */
export class EventQueue<Event> implements AsyncIterable<Event> {
  private events: Event[] = [];
  private ended = false;
  private failure: unknown;
  private wake: (() => void) | undefined;

  push(event: Event): void {
    this.events.push(event);
    this.wake?.();
  }

  /** No event follows; those already pushed are still delivered. */
  end(failure?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.failure = failure;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event> {
    for (;;) {
      const events = this.events;
      this.events = [];
      yield* events;
      if (this.events.length > 0) continue;
      if (this.failure !== undefined) throw this.failure;
      if (this.ended) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
  }
}
