import { DIRECTORIES, ENVIRONMENT, PATHS, PORTS } from '../../../runtime/contract.cjs';
import type { Switch } from './applications';

/** What is known of an inference engine, by the repository of its image. */
export interface KnownEngine {
  readonly name: string;
  /** Matches the image's repository without registry: `vllm/vllm-openai`. */
  readonly repository: RegExp;
  /** Documentation of these facts. */
  readonly source: string;
  /** Port that it serves by default. */
  readonly port: number;
  /** Settings that name the model it loads, in their order of precedence. @default none: clients name it */
  readonly modelSettings: readonly string[];
  /** Words of the command line after which the model's name stands alone: `vllm serve MODEL`. */
  readonly modelAfter?: readonly string[];
  /** Where model files are kept: the settings that say so, and where they lie without one. */
  readonly modelDirectory: { readonly settings: readonly string[]; readonly default: string };
  /**
   * What a command line says that serves a model. @default none: whatever overrides the image's command is not known
   */
  readonly serves?: RegExp;
  /** A setting by which the same image does something else, and the values that say so. @default none */
  readonly otherwise?: { readonly setting: string; readonly values: readonly string[] };
  /** True where it answers probes before its model is loaded, or loads one only when asked for it. */
  readonly answersBeforeModel: boolean;
  /** Paths that differ from that: answered only once a model is loaded. */
  readonly modelPaths?: readonly string[];
  /** Paths that differ from that: answered before. */
  readonly earlyPaths?: readonly string[];
  /** @default no metrics of its own */
  readonly metrics?: {
    readonly port: number;
    readonly path: string;
    /** Settings of which any turns them on. @default they are always on */
    readonly enabledBy?: readonly Switch[];
  };
}

const HUGGING_FACE = ['--download-dir', 'HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_HOME'];
const HUGGING_FACE_HOME = '/root/.cache/huggingface';

const engines: readonly KnownEngine[] = [
  {
    name: 'Ollama',
    repository: /(?:^|\/)ollama$/,
    source: 'https://docs.ollama.com/faq',
    port: 11434,
    modelSettings: [],
    modelDirectory: { settings: ['OLLAMA_MODELS'], default: '/root/.ollama/models' },
    serves: /\bserve\b/,
    answersBeforeModel: true,
  },
  {
    name: 'vLLM',
    repository: /(?:^|\/)vllm-(?:openai|cpu|rocm|tpu)(?:-[\w.]+)?$|(?:^|\/)(?:pytorch-)?vllm(?:-serve)?$/,
    source: 'https://docs.vllm.ai/en/latest/deployment/k8s.html',
    port: 8000,
    modelSettings: ['--model'],
    modelAfter: ['serve'],
    modelDirectory: { settings: HUGGING_FACE, default: HUGGING_FACE_HOME },
    serves: /vllm(?:\s+serve|\.entrypoints|\s*$)|api_server/,
    answersBeforeModel: false,
    metrics: { port: 8000, path: '/metrics' },
  },
  {
    name: 'SGLang',
    repository: /(?:^|\/)sglang$/,
    source: 'https://docs.sglang.ai/advanced_features/server_arguments.html',
    port: 30000,
    modelSettings: ['--model-path', '--model'],
    modelDirectory: { settings: HUGGING_FACE, default: HUGGING_FACE_HOME },
    serves: /sglang(?:\.launch_server|\s+serve)|launch_server/,
    answersBeforeModel: false,
    metrics: { port: 30000, path: '/metrics', enabledBy: [{ setting: '--enable-metrics' }] },
  },
  {
    name: 'llama.cpp server',
    repository: /(?:^|\/)llama\.cpp$|(?:^|\/)llama-server$/,
    source: 'https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md',
    port: 8080,
    modelSettings: [
      '--model',
      '-m',
      'LLAMA_ARG_MODEL',
      '--hf-repo',
      '-hf',
      '-hfr',
      'LLAMA_ARG_HF_REPO',
      '--model-url',
      '-mu',
    ],
    modelDirectory: { settings: ['LLAMA_CACHE'], default: '/root/.cache/llama.cpp' },
    serves: /llama-server|\bserver\b/,
    answersBeforeModel: false, // /health is 503 while it loads
    metrics: {
      port: 8080,
      path: '/metrics',
      enabledBy: [{ setting: '--metrics' }, { setting: 'LLAMA_ARG_ENDPOINT_METRICS' }],
    },
  },
  {
    name: 'Text Generation Inference',
    repository: /(?:^|\/)text-generation-inference$/,
    source: 'https://huggingface.co/docs/text-generation-inference/reference/launcher',
    port: 80,
    modelSettings: ['--model-id', 'MODEL_ID'],
    modelDirectory: {
      settings: ['--huggingface-hub-cache', 'HUGGINGFACE_HUB_CACHE', 'HF_HOME'],
      default: '/data',
    },
    serves: /text-generation-(?:launcher|server)/,
    answersBeforeModel: false,
    metrics: { port: 80, path: '/metrics' },
  },
  {
    name: 'Text Generation Inference',
    // Google's build of it, which keeps models elsewhere: https://cloud.google.com/deep-learning-containers/docs
    repository: /(?:^|\/)huggingface-text-generation-inference/,
    source: 'https://huggingface.co/docs/google-cloud/containers/available',
    port: 8080,
    modelSettings: ['--model-id', 'MODEL_ID'],
    modelDirectory: {
      settings: ['--huggingface-hub-cache', 'HUGGINGFACE_HUB_CACHE', 'HF_HOME'],
      default: '/tmp',
    },
    serves: /text-generation-(?:launcher|server)/,
    answersBeforeModel: false,
    metrics: { port: 8080, path: '/metrics' },
  },
  {
    name: 'Text Embeddings Inference',
    repository: /(?:^|\/)text-embeddings-inference$/,
    source: 'https://huggingface.co/docs/text-embeddings-inference/cli_arguments',
    port: 80,
    modelSettings: ['--model-id', 'MODEL_ID'],
    modelDirectory: {
      settings: ['--huggingface-hub-cache', 'HUGGINGFACE_HUB_CACHE', 'HF_HOME'],
      default: '/data',
    },
    serves: /text-embeddings-router/,
    answersBeforeModel: false,
    metrics: { port: 9000, path: '/metrics' },
  },
  {
    name: 'LocalAI',
    repository: /(?:^|\/)local-?ai$/,
    source: 'https://localai.io/advanced/',
    port: 8080,
    modelSettings: [],
    modelDirectory: { settings: ['--models-path', 'LOCALAI_MODELS_PATH', 'MODELS_PATH'], default: '/models' },
    serves: /local-ai/,
    answersBeforeModel: true,
    metrics: { port: 8080, path: '/metrics' },
  },
  {
    name: 'Triton',
    repository: /(?:^|\/)tritonserver$/,
    source: 'https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/',
    port: 8000,
    modelSettings: ['--model-repository', '--model-store'],
    modelDirectory: { settings: ['--model-repository', '--model-store'], default: '/models' },
    serves: /tritonserver/,
    answersBeforeModel: false,
    metrics: { port: 8002, path: '/metrics' },
  },
  {
    name: 'NVIDIA NIM',
    repository: /^nim\//,
    source: 'https://docs.nvidia.com/nim/large-language-models/latest/configuration.html',
    port: 8000,
    modelSettings: ['NIM_MODEL_NAME'],
    modelDirectory: { settings: ['NIM_CACHE_PATH'], default: '/opt/nim/.cache' },
    answersBeforeModel: false,
    earlyPaths: ['/v1/health/live'],
    metrics: { port: 8000, path: '/v1/metrics' },
  },
  {
    name: 'Xinference',
    repository: /(?:^|\/)xinference$/,
    source: 'https://inference.readthedocs.io/en/latest/getting_started/using_docker_image.html',
    port: 9997,
    modelSettings: [],
    modelDirectory: { settings: ['XINFERENCE_HOME'], default: '/root/.xinference' },
    serves: /xinference/,
    answersBeforeModel: true,
  },
  {
    name: 'LMDeploy',
    repository: /(?:^|\/)lmdeploy$/,
    source: 'https://lmdeploy.readthedocs.io/en/latest/llm/api_server.html',
    port: 23333,
    modelSettings: [],
    modelAfter: ['api_server'],
    modelDirectory: { settings: HUGGING_FACE, default: HUGGING_FACE_HOME },
    serves: /api_server/,
    answersBeforeModel: false,
    metrics: { port: 23333, path: '/metrics', enabledBy: [{ setting: '--enable-metrics' }] },
  },
  {
    name: 'Polypod runtime',
    repository: /(?:^|\/)polypod-runtime(?:-cuda)?$/,
    source: 'runtime/contract.cts',
    port: PORTS.api,
    modelSettings: [],
    modelDirectory: { settings: [ENVIRONMENT.modelDirectory], default: DIRECTORIES.models },
    serves: /polypod-runtime/,
    otherwise: { setting: ENVIRONMENT.role, values: ['gateway', 'controller'] },
    answersBeforeModel: true,
    modelPaths: [PATHS.startup, PATHS.ready],
    metrics: { port: PORTS.metrics, path: PATHS.metrics },
  },
];

/** The engine of an image's repository. */
export function knownEngine(repository: string): KnownEngine | undefined {
  return engines.find((engine) => engine.repository.test(repository));
}
