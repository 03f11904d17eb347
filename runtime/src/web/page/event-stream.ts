export interface ServerSentEvent {
  /** Number of the event, if it has one. */
  readonly id: number | undefined;
  readonly data: string;
}

/** Servers send a comment every 15 s; a connection that is silent for longer than this is dead. */
const SILENCE_MILLISECONDS = 25_000;

/** The events of an answer as they come. Throws when the connection breaks, or falls silent. */
export async function* readEvents(
  response: Response,
  abort: AbortController,
): AsyncGenerator<ServerSentEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const timer = setTimeout(
        () => abort.abort(new Error('The connection fell silent.')),
        SILENCE_MILLISECONDS,
      );
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      const blocks = `${rest}${value}`.split('\n\n');
      // What follows the last empty line is half an event: it counts only once it is complete.
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parse(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parse(block: string): ServerSentEvent | undefined {
  const data: string[] = [];
  let id: number | undefined;
  for (const line of block.split('\n')) {
    if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
    else if (line.startsWith('id:')) id = Number(line.slice(3));
  }
  return data.length === 0 ? undefined : { id, data: data.join('\n') };
}
