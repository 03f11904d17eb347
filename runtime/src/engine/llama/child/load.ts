import { access, constants } from 'node:fs/promises';
import { readGgufFileInfo } from 'node-llama-cpp';
import { EngineError } from '../../engine-error.js';
import type { ChildGeneration, ChildOptions, FromChild, ReadyMessage, ToChild } from '../protocol.js';
import { BatchPlanner } from './batch-planner.js';
import { type Bindings, loadBindings, type NativeContext, type NativeModel } from './bindings.js';
import { Embedder } from './embedder.js';
import { GenerationRun } from './generation-run.js';
import { OutputConstraint } from './output-constraint.js';
import { refusal } from './refusal.js';
import { SharedSamplers } from './shared-samplers.js';
import { StepLoop } from './step-loop.js';
import { LogprobReader, TokenSampler } from './token-sampler.js';
import { Vocabulary } from './vocabulary.js';

/** What a GPU does takes none of the processor's time. */
const wallClock = () => performance.now();

/** Architectures that only encode: they embed, and generate nothing. */
const ENCODERS = /bert|t5encoder/;

/** Takes the node's messages and answers them. */
export interface EngineChild {
  readonly ready: ReadyMessage;
  handle(message: ToChild): void;
  /** Runs until told to stop; rejects when llama.cpp fails. */
  run(): Promise<void>;
}

export async function loadChild(
  options: ChildOptions,
  send: (message: FromChild) => void,
): Promise<EngineChild> {
  const log: string[] = [];
  const bindings = await loadBindings(options.gpuLayers > 0, (line) => {
    log.push(line);
    if (log.length > 20) log.shift();
  });
  const info = await readModelInfo(options.path);
  const model = await loadModel(bindings, options, log, (progress) => send({ type: 'progress', progress }));

  const trained = model.getTrainContextSize();
  const contextSize = options.contextSize === 0 ? trained : Math.min(options.contextSize, trained);
  const vocabulary = new Vocabulary(model, info.vocabularySize);
  const embedder = new Embedder(bindings, model, vocabulary, contextSize, options.threads);
  // An encoder's loop has nothing to decode: it only runs embeddings, which have a context of their own.
  const loopOptions = info.generates
    ? { ...options, contextSize }
    : { ...options, contextSize: 64, sequences: 1 };
  const context = await createContext(bindings, model, loopOptions, log);
  const samplers = new SharedSamplers(bindings, model);
  const logprobs = new LogprobReader(samplers, vocabulary);
  const planner =
    options.reproducible || !info.generates
      ? BatchPlanner.apart(loopOptions.sequences)
      : await BatchPlanner.measure(
          context,
          loopOptions.sequences,
          ...(options.gpuLayers > 0 ? [wallClock] : []),
        );
  const loop = new StepLoop(context, loopOptions, planner, logprobs, send);

  const refuse = (id: number, error: unknown) => send(refusal(id, error));

  const generate = (request: ChildGeneration) => {
    try {
      const { prompt } = request;
      const tokens =
        'text' in prompt
          ? vocabulary.tokenize(prompt.text, contextSize)
          : vocabulary.checked(Uint32Array.from(prompt.tokens), contextSize);
      checkLogitBias(request.sampling.logitBias, vocabulary.size);
      const constraint =
        request.grammar === undefined
          ? undefined
          : constraintOf(bindings, model, request.grammar, request.grammarTrigger);
      const sampler = new TokenSampler(samplers, request.sampling, tokens, contextSize, constraint);
      const run = new GenerationRun(request, tokens, sampler, vocabulary, contextSize);
      send({ type: 'started', id: run.id, promptTokens: tokens.length, resumedText: run.resumedText });
      loop.add(run);
    } catch (error) {
      refuse(request.id, error);
    }
  };

  const embed = (id: number, inputs: readonly (string | readonly number[])[]) => {
    try {
      const tokens = inputs.map((input) => embedder.tokenize(input));
      const vectors: Float32Array[] = [];
      for (const [index, input] of tokens.entries()) {
        loop.between(id, async () => {
          vectors.push(await embedder.embed(input));
          if (index < tokens.length - 1) return;
          const promptTokens = tokens.reduce((sum, each) => sum + each.length, 0);
          send({ type: 'embedded', id, vectors, promptTokens });
        });
      }
    } catch (error) {
      refuse(id, error);
    }
  };

  return {
    ready: {
      type: 'ready',
      contextSize,
      sequences: options.sequences,
      ...(info.chatTemplate !== undefined && { chatTemplate: info.chatTemplate }),
      bosToken: vocabulary.name(model.tokenBos()),
      eosToken: vocabulary.name(model.tokenEos()),
      generates: info.generates,
      embeds: info.embeds,
    },
    handle(message) {
      if (message.type === 'generate') generate(message.generation);
      else if (message.type === 'embed') embed(message.id, message.inputs);
      else if (message.type === 'cancel') loop.cancel(message.id);
      else loop.stop();
    },
    run: () => loop.run(),
  };
}

interface ModelInfo {
  readonly vocabularySize: number;
  readonly generates: boolean;
  readonly embeds: boolean;
  readonly chatTemplate?: string;
}

async function readModelInfo(path: string): Promise<ModelInfo> {
  await access(path, constants.R_OK).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'is not there' : `can't be read (${error.code})`;
    throw new EngineError(
      'bad_model',
      `The model file ${path} ${reason}: check models[].source in the configuration.`,
    );
  });
  try {
    const { metadata } = await readGgufFileInfo(path, { sourceType: 'filesystem', logWarnings: false });
    const architecture: string = metadata.general.architecture;
    const own: unknown = Reflect.get(metadata, architecture);
    const pools = typeof own === 'object' && own !== null && Reflect.has(own, 'pooling_type');
    const { ggml, chat_template: chatTemplate } = metadata.tokenizer;
    return {
      vocabularySize: ggml.tokens.length,
      generates: !ENCODERS.test(architecture),
      embeds: pools || ENCODERS.test(architecture),
      ...(typeof chatTemplate === 'string' && { chatTemplate }),
    };
  } catch (error) {
    throw damaged(path, error instanceof Error ? error.message : String(error));
  }
}

async function loadModel(
  bindings: Bindings,
  options: ChildOptions,
  log: readonly string[],
  onLoadProgress: (progress: number) => void,
): Promise<NativeModel> {
  const model = new bindings.AddonModel(options.path, {
    addonExports: bindings,
    gpuLayers: options.gpuLayers,
    useMmap: true,
    // Without it damaged weights load, and answer nonsense.
    checkTensors: true,
    onLoadProgress,
  });
  const loaded = await model.init().catch((error: unknown) => {
    throw damaged(options.path, [String(error), ...log.slice(-3)].join('; '));
  });
  if (!loaded) throw damaged(options.path, log.slice(-3).join('; '));
  return model;
}

async function createContext(
  bindings: Bindings,
  model: NativeModel,
  options: ChildOptions,
  log: readonly string[],
): Promise<NativeContext> {
  const { contextSize, sequences, prefillChunk, threads } = options;
  const context = new bindings.AddonContext(model, {
    contextSize: contextSize * sequences,
    batchSize: Math.max(prefillChunk, sequences),
    sequences,
    threads,
    flashAttention: 'auto',
  });
  const created = await context.init().catch(() => false);
  if (created) return context;
  throw new EngineError(
    'bad_model',
    `There is no memory for ${sequences} sequences of ${contextSize} tokens (${log.slice(-2).join('; ')}): ` +
      'lower models[].sequences or models[].contextSize.',
  );
}

function damaged(path: string, reason: string): EngineError {
  return new EngineError(
    'bad_model',
    `The model file ${path} is damaged, or not a model that llama.cpp knows (${reason.slice(0, 500)}): download it again.`,
  );
}

/** Another node would not read the grammar either: what llama.cpp refuses is the request's fault. */
function constraintOf(
  bindings: Bindings,
  model: NativeModel,
  grammar: string,
  trigger: string | undefined,
): OutputConstraint {
  try {
    return new OutputConstraint(bindings, model, grammar, trigger);
  } catch {
    // Tools that must be called have no trigger; what their grammar has is a rule of calls.
    const param = trigger !== undefined || /^call ::=/m.test(grammar) ? 'tools' : 'response_format';
    throw new EngineError(
      'invalid_request',
      `llama.cpp can't hold an answer to the schema of ${param}.`,
      param,
    );
  }
}

function checkLogitBias(bias: Readonly<Record<number, number>>, vocabularySize: number): void {
  const unknown = Object.keys(bias).find((token) => Number(token) >= vocabularySize);
  if (unknown === undefined) return;
  throw new EngineError(
    'invalid_request',
    `logit_bias names token ${unknown}, but the model has ${vocabularySize} tokens`,
    'logit_bias',
  );
}
