import type { StreamHeader } from '../../streams/journal.js';
import { ChatStreamRenderer } from './chat-rendering.js';
import { CompletionStreamRenderer } from './completion-rendering.js';
import type { StreamRenderer } from './rendering.js';
import { ResponseStreamRenderer } from './responses-rendering.js';

/** The renderer of the API that a stream was started with. */
export function rendererOf(header: StreamHeader): StreamRenderer {
  switch (header.kind) {
    case 'chat.completion':
      return new ChatStreamRenderer(header);
    case 'text_completion':
      return new CompletionStreamRenderer(header);
    case 'response':
      return new ResponseStreamRenderer(header);
  }
}
