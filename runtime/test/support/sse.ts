export interface ReceivedEvent {
  readonly id: number;
  readonly data: string;
}

/** The complete events in a piece of an event stream. */
export function eventsIn(text: string): ReceivedEvent[] {
  return text.split('\n\n').flatMap((block) => {
    const id = /^id: (\d+)$/m.exec(block)?.[1];
    const data = /^data: (.*)$/m.exec(block)?.[1];
    return id === undefined || data === undefined ? [] : [{ id: Number(id), data }];
  });
}

/** Reads an event stream, calling back with each event, until it ends (`true`) or breaks (`false`). */
export async function readEvents(
  response: Response,
  onEvent: (event: ReceivedEvent) => void,
): Promise<boolean> {
  let held = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      held += decoder.decode(chunk, { stream: true });
      const end = held.lastIndexOf('\n\n');
      if (end < 0) continue;
      for (const event of eventsIn(held.slice(0, end))) onEvent(event);
      held = held.slice(end + 2);
    }
    return true;
  } catch {
    return false;
  }
}

/** The text that chat completion chunks hold together. */
export function chatText(events: readonly ReceivedEvent[]): string {
  return events
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => JSON.parse(data).choices?.[0]?.delta?.content ?? '')
    .join('');
}
