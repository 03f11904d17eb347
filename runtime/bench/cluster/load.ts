/**
 * The clients of the routers that are measured, in a process of their own. They speak HTTP over bare sockets, each
 * over one connection that is kept, and parse as little as they can, so that they are not what is measured.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type LoadResult, type LoadTask, MODEL } from './load-task.js';

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** One connection that asks and waits for the whole answer. */
class Client {
  private constructor(
    private readonly socket: Socket,
    private readonly host: string,
  ) {}

  static async connect(url: string): Promise<Client> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname).setNoDelay(true);
    await once(socket, 'connect');
    return new Client(socket, host);
  }

  /** Resolves with the milliseconds to the first byte of the body, after its last. */
  ask(path: string, body: string): Promise<number> {
    const start = performance.now();
    const { socket } = this;
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${this.host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    return new Promise((resolve, reject) => {
      let head = '';
      let first = 0;
      /** Bytes of the body that are yet to come; with chunks it is not known. */
      let left: number | undefined;
      let tail: Buffer = Buffer.alloc(0);
      const done = (error?: Error) => {
        socket.off('data', onData).off('close', onClose);
        if (error) reject(error);
        else resolve(first);
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

const PATH = '/v1/chat/completions';

function bodyOf(task: LoadTask, client: number): string {
  return JSON.stringify({
    model: MODEL,
    messages: [
      { role: 'system', content: 'You answer in a word.' },
      { role: 'user', content: `Client ${client} asks for one.` },
    ],
    stream: task.kind === 'streams',
    max_tokens: task.kind === 'streams' ? task.events : 3,
    ...(task.kind === 'streams' && task.pace > 0 && { pace: task.pace }),
  });
}

async function run(task: LoadTask): Promise<LoadResult> {
  const clients = await Promise.all(Array.from({ length: task.clients }, () => Client.connect(task.url)));
  const first: number[] = [];
  const start = performance.now();
  await Promise.all(
    clients.map(async (client, index) => {
      const body = bodyOf(task, index);
      const more = (answers: number) =>
        task.kind === 'requests' ? performance.now() - start < task.seconds * 1000 : answers < task.streams;
      for (let answers = 0; more(answers); answers++) first.push(await client.ask(PATH, body));
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const client of clients) client.close();
  return { seconds, answers: first.length, first };
}

process.on('message', async (task: LoadTask) => {
  process.send?.(await run(task));
});
