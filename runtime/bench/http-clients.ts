/** Clients of the HTTP benchmark, in a process of their own, so that their work does not hold up the node's. */
import { Agent, request } from 'node:http';

/** What the clients do: each sends requests, one after the other, until all are sent. */
export interface Task {
  readonly url: string;
  readonly model: string;
  readonly clients: number;
  readonly requests: number;
  readonly tokens: number;
  readonly prompts: readonly string[];
}

export interface Answered {
  readonly milliseconds: number;
  /** Milliseconds from each request to its first event. */
  readonly firstToken: readonly number[];
}

const agent = new Agent({ keepAlive: true });

process.on('message', async (task: Task) => {
  const firstToken: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: task.clients }, async () => {
      while (next < task.requests) firstToken.push(await stream(task, next++));
    }),
  );
  const answered: Answered = { milliseconds: performance.now() - start, firstToken };
  process.send?.(answered);
});

/** Reads one stream to its end; its events are counted, not parsed, to leave the processor to the node. */
function stream({ url, model, tokens, prompts }: Task, index: number): Promise<number> {
  const body = JSON.stringify({
    model,
    prompt: prompts[index % prompts.length],
    max_tokens: tokens,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
    logit_bias: { 257: -100 },
  });
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(`${url}/v1/completions`, { method: 'POST', agent, headers }, (response) => {
      let first = 0;
      let tail = '';
      response.setEncoding('latin1').on('data', (text: string) => {
        first ||= performance.now() - start;
        tail = (tail + text).slice(-1000);
      });
      response.on('error', reject).on('end', () => {
        if (tail.includes(`"completion_tokens":${tokens}`)) resolve(first);
        else reject(new Error(`a stream ended early, with status ${response.statusCode}: ${tail}`));
      });
    });
    sent.on('error', reject).end(body);
  });
}
