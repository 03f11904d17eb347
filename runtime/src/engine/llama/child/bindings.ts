import { getLlama } from 'node-llama-cpp';

/**
 * The part of node-llama-cpp's native addon that the step loop drives. Its own batching layer costs more than a small
 * model's decoding and neither keeps sequences in lock step nor gives raw logits, so the loop goes below it; the
 * package's version is therefore pinned, and {@link loadBindings} checks that everything is there.
 */
export interface Bindings {
  readonly AddonModel: new (path: string, parameters: ModelParameters) => NativeModel;
  readonly AddonContext: new (model: NativeModel, parameters: ContextParameters) => NativeContext;
  readonly AddonSampler: SamplerClass;
  readonly AddonGrammar: new (gbnf: string, parameters: { addonExports: Bindings }) => NativeGrammar;
  readonly AddonGrammarEvaluationState: new (
    model: NativeModel,
    grammar: NativeGrammar,
  ) => NativeGrammarState;
}

interface ModelParameters {
  readonly addonExports: Bindings;
  readonly gpuLayers: number;
  readonly useMmap: boolean;
  readonly checkTensors: boolean;
  readonly onLoadProgress?: (progress: number) => void;
}

interface ContextParameters {
  /** Cells of all sequences together. */
  readonly contextSize: number;
  readonly batchSize: number;
  readonly sequences: number;
  readonly threads: number;
  readonly flashAttention?: boolean | 'auto';
  readonly embeddings?: boolean;
}

export interface NativeModel {
  init(): Promise<boolean>;
  dispose(): Promise<void>;
  tokenize(text: string, special: boolean): Uint32Array;
  detokenize(tokens: Uint32Array, special: boolean): string;
  getTokenString(token: number): string | undefined;
  getTokenAttributes(token: number): number;
  isEogToken(token: number): boolean;
  getVocabularyType(): number;
  getTrainContextSize(): number;
  getEmbeddingVectorSize(): number;
  shouldPrependBosToken(): boolean;
  shouldAppendEosToken(): boolean;
  tokenBos(): number;
  tokenEos(): number;
  sepToken(): number;
}

export interface NativeContext {
  init(): Promise<boolean>;
  dispose(): Promise<void>;
  getContextSize(): number;
  initBatch(tokens: number): void;
  /** Returns where in the batch the wanted logits will be. */
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logitsOf: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(logits: number, sampler: NativeSampler): Promise<number>;
  /** With the logits of some tokens, `top` of the highest, and the sum of exp(logit - highest). */
  sampleToken(
    logits: number,
    sampler: NativeSampler,
    probabilities: false,
    confidence: false,
    wanted: [tokens: number[], highest: false, lowest: false, selected: false, top: number],
    sum: true,
  ): Promise<[token: number, probabilities: unknown, confidence: unknown, logits: number[], sum: number]>;
  disposeSequence(sequence: number): void;
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean;
  getSequenceKvCacheMinPosition(sequence: number): number;
  getEmbedding(tokens: number): Float64Array;
}

export interface SamplerConfig {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  seed?: number;
  repeatPenalty?: number;
  repeatPenaltyMaxTokens?: number;
  repeatPenaltyTokens?: Uint32Array;
  tokenBiasKeys?: Uint32Array;
  tokenBiasValues?: Float32Array;
  grammarEvaluationState?: NativeGrammarState;
}

export interface NativeSampler {
  applyConfig(config: SamplerConfig): void;
}

interface SamplerClass {
  new (model: NativeModel): NativeSampler;
  acceptGrammarEvaluationStateToken(state: NativeGrammarState, token: number): void;
}

interface NativeGrammar {
  isTextCompatible(text: string): boolean;
}

/** Where in a grammar a sequence stands. */
export interface NativeGrammarState {
  readonly nativeGrammarState: never;
}

/** Loads llama.cpp. `onLog` gets its warnings and errors. */
export async function loadBindings(gpu: boolean, onLog: (message: string) => void): Promise<Bindings> {
  const llama: object = await getLlama({
    gpu: gpu ? 'auto' : false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logger: (level, message) => {
      if (level === 'warn' || level === 'error' || level === 'fatal') onLog(message.trim());
    },
  });
  const bindings: unknown = Reflect.get(llama, '_bindings');
  if (!isBindings(bindings)) {
    throw new Error('node-llama-cpp has changed inside: install the version that package.json pins');
  }
  return bindings;
}

function isBindings(value: unknown): value is Bindings {
  const classes = [
    'AddonModel',
    'AddonContext',
    'AddonSampler',
    'AddonGrammar',
    'AddonGrammarEvaluationState',
  ];
  return (
    typeof value === 'object' &&
    value !== null &&
    classes.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
