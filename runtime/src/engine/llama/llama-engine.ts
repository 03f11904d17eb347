import { setTimeout as sleep } from 'node:timers/promises';
import { ChatTemplate } from '../chat-template.js';
import { checkGenerates } from '../check-generates.js';
import type {
  EmbeddingInput,
  EmbeddingResult,
  Engine,
  EngineLoad,
  EngineState,
  ModelDescription,
} from '../engine.js';
import { EngineError } from '../engine-error.js';
import { EventQueue } from '../event-queue.js';
import type { GenerationEvent, GenerationRequest, Prompt } from '../generation.js';
import { constraintOf } from '../tools/constraint.js';
import { type ParsedText, ToolCallParser, type ToolFormat, toolFormatOf } from '../tools/tool-format.js';
import { EngineProcess } from './child-process.js';
import type { ChildGeneration, ChildOptions, FromChild, StepEvent } from './protocol.js';

export interface LlamaEngineOptions extends ChildOptions {
  /** The name that requests use. */
  readonly model: string;
  /** Requests that wait for a sequence at most; more are refused as overload. */
  readonly queue: number;
  /** An engine that has work and gives no sign of life for so long is ended, and started again. */
  readonly hangSeconds: number;
}

/** Crashes in a row after which a generation is given up: it may be what brings the engine down. */
const CRASHES_PER_GENERATION = 3;
/** Starts in a row that fail before the engine gives up. */
const FAILED_STARTS = 5;
/** How often within that time an engine that may hang is looked at. */
const LOOKS_PER_HANG = 8;
const BACKOFF_MILLISECONDS = { first: 100, longest: 10_000 };

interface Active {
  readonly generation: ChildGeneration;
  readonly queue: EventQueue<GenerationEvent>;
  /** Every token so far, so that another process can go on from it. */
  readonly tokens: number[];
  /** Takes tool calls out of the text, where the request has tools. */
  readonly parser: ToolCallParser | undefined;
  /** The prompt was made of messages. */
  readonly chat: boolean;
  /** A call of a tool that the request names ends with `stop`, as at OpenAI's. */
  readonly namedTool: boolean;
  started: boolean;
  crashes: number;
}

/** llama.cpp, embedded: one process a model, started again with its streams when it crashes. */
export class LlamaEngine implements Engine {
  state: EngineState = { phase: 'starting', progress: 0 };
  description: ModelDescription | undefined;

  private process: EngineProcess | undefined;
  private template: ChatTemplate | undefined;
  private toolFormat: ToolFormat | undefined;
  private readonly active = new Map<number, Active>();
  private readonly embeddings = new Map<
    number,
    { resolve(result: EmbeddingResult): void; reject(error: Error): void }
  >();
  private readonly listeners: ((state: EngineState) => void)[] = [];
  private nextId = 1;
  private kvUsage = 0;
  private readonly stopping = new AbortController();
  private lastSign = 0;
  private lastLook = 0;
  private watch: NodeJS.Timeout | undefined;

  constructor(private readonly options: LlamaEngineOptions) {}

  get load(): EngineLoad {
    const { sequences } = this.options;
    const running = Math.min(this.active.size, sequences);
    return {
      queued: this.active.size - running,
      running,
      sequences,
      kvUsage: running > 0 ? this.kvUsage : 0,
    };
  }

  /** Id of the engine's process, for operators and for tests that kill it. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  onState(listener: (state: EngineState) => void): void {
    this.listeners.push(listener);
  }

  async start(): Promise<void> {
    try {
      await this.launch();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.setState({ phase: 'failed', reason });
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.watch);
    await this.process?.stop();
    this.failAll(new EngineError('unavailable', 'The node is stopping.'));
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
    signal.throwIfAborted();
    const { sequences, queue: waiting } = this.options;
    if (!this.description)
      throw new EngineError('unavailable', `The model '${this.options.model}' is being loaded.`);
    if (this.state.phase === 'failed') throw new EngineError('unavailable', this.state.reason);
    checkGenerates(this.options.model, this.description.capabilities);
    if (this.active.size >= sequences + waiting) {
      throw new EngineError(
        'overloaded',
        `All ${sequences} sequences run and ${waiting} requests wait: try again later.`,
      );
    }
    const id = this.nextId++;
    const generation = this.translate(id, request);
    const events = new EventQueue<GenerationEvent>();
    const { prompt } = request;
    this.active.set(id, {
      generation,
      queue: events,
      tokens: [...generation.resume],
      parser:
        this.toolFormat && hasTools(prompt) ? new ToolCallParser(this.toolFormat, prompt.tools) : undefined,
      chat: prompt.kind === 'chat',
      namedTool: prompt.kind === 'chat' && typeof prompt.toolChoice === 'object',
      started: false,
      crashes: 0,
    });
    const abort = () => events.end(signal.reason);
    signal.addEventListener('abort', abort);
    try {
      this.process?.send({ type: 'generate', generation });
      yield* events;
    } finally {
      signal.removeEventListener('abort', abort);
      if (this.active.delete(id)) this.process?.send({ type: 'cancel', id });
    }
  }

  async embed(inputs: readonly EmbeddingInput[], signal: AbortSignal): Promise<EmbeddingResult> {
    signal.throwIfAborted();
    if (!this.process) throw new EngineError('unavailable', 'The model is being loaded.');
    const id = this.nextId++;
    const { process } = this;
    let leave = () => {};
    const result = new Promise<EmbeddingResult>((resolve, reject) => {
      this.embeddings.set(id, { resolve, reject });
      leave = () => {
        reject(signal.reason);
        process.send({ type: 'cancel', id });
      };
    });
    signal.addEventListener('abort', leave);
    process.send({ type: 'embed', id, inputs });
    return result.finally(() => {
      signal.removeEventListener('abort', leave);
      this.embeddings.delete(id);
    });
  }

  private translate(id: number, request: GenerationRequest): ChildGeneration {
    const { prompt } = request;
    const constraint = constraintOf(request, this.toolFormat);
    return {
      id,
      prompt:
        prompt.kind === 'chat'
          ? { text: this.renderChat(prompt) }
          : prompt.kind === 'text'
            ? { text: prompt.text }
            : { tokens: prompt.tokens },
      ...(request.maxTokens !== undefined && { maxTokens: request.maxTokens }),
      sampling: request.sampling,
      stop: request.stop,
      ...(request.logprobs !== undefined && { logprobs: request.logprobs }),
      ...(constraint && { grammar: constraint.grammar }),
      ...(constraint?.trigger !== undefined && { grammarTrigger: constraint.trigger }),
      ...(this.toolFormat && hasTools(prompt) && { visible: [this.toolFormat.start] }),
      resume: request.resume ?? [],
    };
  }

  private renderChat(prompt: Extract<GenerationRequest['prompt'], { kind: 'chat' }>): string {
    if (!this.template) {
      throw new EngineError(
        'invalid_request',
        `The model ${this.options.model} has no chat template: use /v1/completions.`,
        'model',
      );
    }
    return this.template.render(prompt);
  }

  private async launch(): Promise<void> {
    this.stopping.signal.throwIfAborted();
    const process = await EngineProcess.start(
      this.options,
      {
        onProgress: (progress) => {
          if (this.state.phase === 'starting') this.setState({ phase: 'starting', progress });
        },
        onMessage: (message) => this.onMessage(message),
        onExit: (reason) => this.onCrash(reason),
      },
      this.stopping.signal,
    );
    const { ready } = process;
    this.process = process;
    this.template =
      ready.chatTemplate === undefined
        ? undefined
        : new ChatTemplate(ready.chatTemplate, { bos: ready.bosToken, eos: ready.eosToken });
    this.toolFormat = ready.chatTemplate === undefined ? undefined : toolFormatOf(ready.chatTemplate);
    this.description = {
      id: this.options.model,
      created: Math.floor(Date.now() / 1000),
      contextSize: ready.contextSize,
      capabilities: {
        chat: ready.generates && this.template !== undefined,
        completion: ready.generates,
        embeddings: ready.embeds,
      },
      resumesBy: 'tokens',
    };
    for (const { generation, tokens } of this.active.values()) {
      process.send({ type: 'generate', generation: { ...generation, resume: tokens } });
    }
    this.setState({ phase: 'ready' });
    this.lastSign = performance.now();
    clearInterval(this.watch);
    this.watch = setInterval(
      () => this.endIfHung(),
      (this.options.hangSeconds * 1000) / LOOKS_PER_HANG,
    ).unref();
  }

  /** A process that hangs is as good as one that crashed, once it is ended. */
  private endIfHung(): void {
    const now = performance.now();
    const limit = this.options.hangSeconds * 1000;
    // Where this process itself was stopped, what the other one has sent is yet to be read.
    const wasAway = now - this.lastLook > limit / 2;
    const isIdle = this.active.size + this.embeddings.size === 0;
    this.lastLook = now;
    if (wasAway || isIdle) this.lastSign = now;
    if (now - this.lastSign < limit) return;
    this.lastSign = now;
    this.process?.kill(`it had work and took no step for ${this.options.hangSeconds} seconds`);
  }

  private onMessage(message: FromChild): void {
    this.lastSign = performance.now();
    if (message.type === 'step') {
      this.kvUsage = message.kvUsage;
      for (const event of message.events) this.onStep(event);
    } else if (message.type === 'started') {
      const active = this.active.get(message.id);
      if (!active || active.started) return;
      active.started = true;
      active.parser?.push(message.resumedText);
      active.queue.push({ type: 'started', promptTokens: message.promptTokens });
    } else if (message.type === 'refused') {
      const active = this.active.get(message.id);
      const param = message.param === 'prompt' && active?.chat ? 'messages' : message.param;
      const error = new EngineError(message.code, message.message, param);
      this.active.delete(message.id);
      active?.queue.end(error);
      this.embeddings.get(message.id)?.reject(error);
    } else if (message.type === 'embedded') {
      this.embeddings.get(message.id)?.resolve(message);
    }
  }

  private onStep(event: StepEvent): void {
    const active = this.active.get(event.id);
    if (!active) return;
    active.tokens.push(...event.tokens);
    active.crashes = 0;
    const { text, calls } = parse(active.parser, event);
    if (event.tokens.length > 0 || text !== '' || calls.length > 0) {
      active.queue.push({
        type: 'delta',
        tokens: event.tokens,
        text,
        ...(calls.length > 0 && { toolCalls: calls }),
        ...(event.logprobs && { logprobs: event.logprobs }),
      });
    }
    if (event.finish === undefined) return;
    this.active.delete(event.id);
    const called = event.finish === 'stop' && active.parser && active.parser.calls > 0 && !active.namedTool;
    active.queue.push({
      type: 'finished',
      reason: called ? 'tool_calls' : event.finish,
      completionTokens: event.completionTokens ?? active.tokens.length,
      cachedTokens: event.cachedTokens ?? 0,
    });
    active.queue.end();
  }

  private onCrash(reason: string): void {
    this.process = undefined;
    if (this.stopping.signal.aborted) return;
    for (const { reject } of this.embeddings.values()) reject(new EngineError('unavailable', reason));
    for (const [id, active] of this.active) {
      if (++active.crashes < CRASHES_PER_GENERATION) continue;
      this.active.delete(id);
      active.queue.end(
        new EngineError('unavailable', `The engine crashed ${active.crashes} times in a row: ${reason}`),
      );
    }
    void this.restart(reason);
  }

  private async restart(reason: string): Promise<void> {
    let wait = BACKOFF_MILLISECONDS.first;
    for (let attempt = 1; attempt <= FAILED_STARTS && !this.stopping.signal.aborted; attempt++) {
      this.setState({ phase: 'restarting', reason, attempt });
      try {
        await this.launch();
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      await sleep(wait);
      wait = Math.min(wait * 2, BACKOFF_MILLISECONDS.longest);
    }
    if (this.stopping.signal.aborted) return;
    this.setState({ phase: 'failed', reason });
    this.failAll(new EngineError('unavailable', reason));
  }

  private failAll(error: EngineError): void {
    for (const { queue } of this.active.values()) queue.end(error);
    this.active.clear();
    for (const { reject } of this.embeddings.values()) reject(error);
  }

  private setState(state: EngineState): void {
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
}

function hasTools(prompt: Prompt): prompt is Extract<Prompt, { kind: 'chat' }> {
  return prompt.kind === 'chat' && prompt.tools.length > 0 && prompt.toolChoice !== 'none';
}

function parse(parser: ToolCallParser | undefined, event: StepEvent): ParsedText {
  if (!parser) return { text: event.text, calls: [] };
  const parsed = parser.push(event.text);
  return event.finish === undefined ? parsed : { text: parsed.text + parser.flush(), calls: parsed.calls };
}
