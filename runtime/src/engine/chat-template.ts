import { Template } from '@huggingface/jinja';
import { EngineError } from './engine-error.js';
import type { ChatMessage, Prompt } from './generation.js';

type ChatPrompt = Extract<Prompt, { kind: 'chat' }>;

/** The chat template that a model carries: turns messages into the text that the model was trained to continue. */
export class ChatTemplate {
  private readonly template: Template;

  constructor(
    source: string,
    private readonly tokens: { readonly bos: string; readonly eos: string },
  ) {
    this.template = new Template(source);
  }

  render(prompt: ChatPrompt): string {
    try {
      return this.template.render({
        messages: prompt.messages.map(templateMessage),
        // Templates test for "tools" itself, so an empty list must not be there.
        ...(prompt.tools.length > 0 &&
          prompt.toolChoice !== 'none' && {
            tools: prompt.tools.map((tool) => ({ type: 'function', function: tool })),
          }),
        add_generation_prompt: true,
        bos_token: this.tokens.bos,
        eos_token: this.tokens.eos,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError(
        'invalid_request',
        `The model's chat template refuses these messages: ${reason}`,
        'messages',
      );
    }
  }
}

function templateMessage(message: ChatMessage): Record<string, unknown> {
  return {
    role: message.role === 'developer' ? 'system' : message.role,
    content: message.content ?? '',
    ...(message.name !== undefined && { name: message.name }),
    ...(message.toolCallId !== undefined && { tool_call_id: message.toolCallId }),
    ...(message.toolCalls && {
      tool_calls: message.toolCalls.map((call) => ({
        id: call.id,
        type: 'function',
        // Templates print the arguments as JSON themselves, so they want the value.
        function: { name: call.name, arguments: parsed(call.arguments) },
      })),
    }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
