import { showAccount } from './account.js';

/** Frames of `/ws/chat`, as far as this page uses them: see docs/websocket.md. */
export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface ChatSocketListener {
  onFrame(frame: Frame): void;
  /** The connection is there, again, or is lost and being made again. */
  onConnection(connected: boolean): void;
}

const RETRY_MILLISECONDS = { first: 250, longest: 4_000 };
const PING_MILLISECONDS = 10_000;
/** A server answers pings at once; one that is silent for longer than this is gone. */
const SILENCE_MILLISECONDS = 15_000;
const SESSION = 'polypod.session';

/** A WebSocket that is made again whenever it is lost. */
export class ChatSocket {
  private socket: WebSocket | undefined;
  private wait = RETRY_MILLISECONDS.first;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private heardAt = 0;

  constructor(private readonly listener: ChatSocketListener) {
    addEventListener('online', () => this.connect());
    setInterval(() => this.check(), PING_MILLISECONDS / 2);
    this.connect();
  }

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Nothing is sent while there is no connection: who listens says it again once there is one. Whether it was sent. */
  send(frame: Frame): boolean {
    if (this.isOpen) this.socket?.send(JSON.stringify(frame));
    return this.isOpen;
  }

  private connect(): void {
    clearTimeout(this.retry);
    if (this.socket) return;
    const session = sessionStorage.getItem(SESSION);
    const url = new URL('/ws/chat', location.href.replace(/^http/, 'ws'));
    if (session) url.searchParams.set('session_id', session);
    const socket = new WebSocket(url);
    this.socket = socket;
    this.heardAt = performance.now();
    socket.addEventListener('message', ({ data }) => {
      this.heardAt = performance.now();
      const frame: Frame = JSON.parse(data);
      if (frame.type === 'ready') {
        this.wait = RETRY_MILLISECONDS.first;
        sessionStorage.setItem(SESSION, String(frame.session));
        this.listener.onFrame(frame);
        this.listener.onConnection(true);
      } else if (this.socket === socket) {
        this.listener.onFrame(frame);
      }
    });
    socket.addEventListener('close', () => this.lost(socket));
  }

  private lost(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.listener.onConnection(false);
    // A refusal looks like any other failure: it may be that a login has ended.
    void showAccount();
    this.retry = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, RETRY_MILLISECONDS.longest);
  }

  private check(): void {
    const { socket } = this;
    if (!socket) return;
    const silent = performance.now() - this.heardAt;
    if (silent > SILENCE_MILLISECONDS) {
      socket.close();
      this.lost(socket);
    } else if (silent > PING_MILLISECONDS / 2) this.send({ type: 'ping' });
  }
}
