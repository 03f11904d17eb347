import type { Plan } from './tally';

export interface Answer {
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** Of the answer, or why there is none. */
  readonly text: string;
}

/** The same request at each call: its answer is the same wherever it is generated. */
export function body(plan: Plan, prompt: number, stream: boolean) {
  return JSON.stringify({
    model: plan.model,
    messages: [{ role: 'user', content: `Question ${prompt}` }],
    max_tokens: plan.maxTokens,
    temperature: prompt % 2 === 0 ? 0 : 0.8,
    seed: prompt,
    stream,
  });
}

/** One answer as a whole, over a connection that may have served others before, as clients' are. */
export async function whole(plan: Plan, prompt: number): Promise<Answer> {
  const response = await fetch(`${plan.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: body(plan, prompt, false),
  });
  const text = await response.text();
  if (response.status !== 200) return { status: response.status, text };
  return { status: 200, text: JSON.parse(text).choices[0].message.content };
}
