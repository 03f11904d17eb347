import type { WebSocket } from 'ws';

/**
 * What goes out on one connection. Who sends waits while the reader is behind, so that no more than `maxBytes`, and the
 * frames that are being sent at that moment, are held for it.
 */
export class Outgoing {
  private waiting: (() => void)[] = [];

  constructor(
    private readonly socket: WebSocket,
    private readonly maxBytes: () => number,
    private readonly onPause: () => void,
  ) {
    socket.once('close', () => this.wake());
  }

  /** Resolves once more can be taken, or nobody is there any more. */
  async send(frame: object): Promise<void> {
    const { socket } = this;
    while (this.isFull) {
      this.onPause();
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    if (socket.readyState !== socket.OPEN) return;
    // A frame that could not be sent closes the connection, which is heard of elsewhere.
    socket.send(JSON.stringify(frame), () => {
      if (!this.isFull) this.wake();
    });
  }

  private get isFull(): boolean {
    const { socket } = this;
    return socket.readyState === socket.OPEN && socket.bufferedAmount > this.maxBytes();
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
