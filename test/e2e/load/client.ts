/**
 * The load of the e2e suite. Runs in a pod, asks the Service as clients do, and holds every answer against the one
 * that an undisturbed cluster gave. Controlled on port 9999: `/progress`, `/stop` (lets open answers end, then tells
 * the result).
 */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { whole } from './request';
import { streamed } from './stream';
import { type Plan, Tally } from './tally';

const plan: Plan = JSON.parse(process.env.PLAN ?? '{}');
const tally = new Tally();
let stopping = false;

createServer(async ({ url }, response) => {
  if (url === '/stop') {
    stopping = true;
    await clients;
  }
  response.end(JSON.stringify(tally.result()));
}).listen(9999);

const clients = run();

async function run(): Promise<void> {
  const expected = await Promise.all(
    Array.from({ length: plan.prompts }, (_, prompt) => undisturbed(prompt)),
  );
  tally.ready = true;
  await Promise.all(Array.from({ length: plan.clients }, (_, client) => ask(client, expected)));
}

/** The answer to hold the others against: asked until there is one, since the cluster may still be coming up. */
async function undisturbed(prompt: number): Promise<string> {
  for (;;) {
    const answer = await whole(plan, prompt).catch(() => undefined);
    if (answer?.status === 200) return answer.text;
    await sleep(500);
  }
}

async function ask(client: number, expected: readonly string[]): Promise<void> {
  for (let turn = client; !stopping; turn++) {
    const prompt = turn % plan.prompts;
    if (plan.mode === 'streams') tally.stream(await streamed(plan, prompt), expected[prompt] ?? '');
    else {
      const answer = await whole(plan, prompt).catch((error: unknown) => ({
        status: 0,
        text: reason(error),
      }));
      tally.request(answer, expected[prompt] ?? '');
    }
    if (plan.pauseMilliseconds) await sleep(plan.pauseMilliseconds);
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
