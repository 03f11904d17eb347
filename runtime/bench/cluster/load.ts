/**
 * The clients of what is measured, in a process of their own. They speak HTTP over bare sockets and parse as little as
 * they can, so that they are not what is measured.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { LoadRequest, LoadResult, LoadTask } from './load-task.js';

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** One connection that asks and waits for the whole answer. */
class Client {
  private constructor(
    private readonly socket: Socket,
    private readonly message: string,
  ) {}

  static async connect({ url, headers = {}, body }: LoadRequest): Promise<Client> {
    const { hostname, port, host, pathname } = new URL(url);
    const socket = connect(Number(port), hostname).setNoDelay(true);
    await once(socket, 'connect');
    const lines = Object.entries({
      host,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    return new Client(socket, `POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  }

  /** Resolves after the last byte, with the milliseconds to the first byte of the body and to the last. */
  ask(): Promise<{ first: number; whole: number }> {
    const start = performance.now();
    const { socket } = this;
    socket.write(this.message);
    return new Promise((resolve, reject) => {
      let head = '';
      let first = 0;
      /** Bytes of the body that are yet to come; of chunks it is not known. */
      let left: number | undefined;
      let tail: Buffer = Buffer.alloc(0);
      const done = (error?: Error) => {
        socket.off('data', onData).off('close', onClose);
        if (error) reject(error);
        else resolve({ first, whole: performance.now() - start });
      };
      const onClose = () => done(new Error(`the connection was closed after ${head}`));
      const onData = (chunk: Buffer) => {
        let rest = chunk;
        if (first === 0) {
          head += chunk.toString('latin1');
          const end = head.indexOf(HEAD_END);
          if (end < 0 || head.length === end + HEAD_END.length) return;
          if (!head.startsWith('HTTP/1.1 200')) return done(new Error(head));
          first = performance.now() - start;
          const length = /content-length: (\d+)/i.exec(head)?.[1];
          rest = Buffer.from(head.slice(end + HEAD_END.length), 'latin1');
          if (length !== undefined) left = Number(length);
        }
        if (left !== undefined) {
          left -= rest.length;
          if (left <= 0) done();
          return;
        }
        tail = rest.length < LAST_CHUNK.length ? Buffer.concat([tail, rest]) : rest;
        if (tail.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) done();
      };
      socket.on('data', onData).on('close', onClose);
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

async function run(task: LoadTask): Promise<LoadResult> {
  const clients = await Promise.all(task.requests.map((request) => Client.connect(request)));
  const first: number[] = [];
  const whole: number[] = [];
  const { times = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY } = task;
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  await Promise.all(
    clients.map(async (client) => {
      for (let answers = 0; answers < times && elapsed() < seconds; answers++) {
        const answer = await client.ask();
        first.push(answer.first);
        whole.push(answer.whole);
      }
    }),
  );
  const result = { seconds: elapsed(), first, whole };
  for (const client of clients) client.close();
  return result;
}

process.on('message', async (task: LoadTask) => {
  process.send?.(await run(task));
});
