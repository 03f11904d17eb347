import { type ApiObject, App, Chart } from 'cdk8s';
import type {
  CacheConnection,
  DatabaseConnection,
  InvalidInputError,
  SharedStorage,
} from '../../../constructs/contracts';
import type { EngineProps, ModelNodeProps, ModelProps, NodeProps } from '../../../constructs/kubernetes';

export function chart(namespace: string | undefined = 'llm'): Chart {
  return new Chart(new App(), 'chart', { namespace });
}

export const database: DatabaseConnection = {
  host: 'db.internal',
  port: 5432,
  database: 'chat',
  tls: { mode: 'verify-full', ca: { configMapName: 'database-ca', key: 'ca.pem' } },
  credentials: { secretName: 'database' },
  maxConnections: 400,
  egress: { cidrs: ['10.0.0.0/24'], ports: [5432] },
};

export const cache: CacheConnection = {
  host: 'redis.internal',
  port: 6380,
  mode: 'cluster',
  tls: { ca: { secretName: 'redis-ca', key: 'ca.crt' } },
  credentials: { secretName: 'redis', usernameKey: 'user' },
  egress: { cidrs: ['10.0.1.0/24'], ports: [6380] },
};

export const storage: SharedStorage = {
  kind: 'nfs',
  storageClass: 'nfs',
  throughput: { perClient: 500e6, aggregate: 2e9 },
};

export const gguf: ModelProps = {
  name: 'qwen2.5-7b-instruct',
  source: 'hf:Qwen/Qwen2.5-7B-Instruct-GGUF/qwen2.5-7b-instruct-q4_k_m.gguf',
  bytes: 4.7e9,
};

export const safetensors: ModelProps = {
  name: 'Qwen/Qwen2.5-32B-Instruct-AWQ',
  source: 'hf:Qwen/Qwen2.5-32B-Instruct-AWQ',
  bytes: 19.3e9,
  contextLength: 8192,
  sequences: 32,
};

export const node: NodeProps = {
  name: 'chat',
  image: { repository: 'ghcr.io/acme/polypod-runtime', tag: '1.4.2' },
  replicas: 3,
  resources: { requests: { cpu: '4', memory: '16Gi' } },
  database,
  cache,
  clusterSecret: { secretName: 'cluster', key: 'secret' },
};

export const modelNode: ModelNodeProps = {
  ...node,
  models: [gguf],
  modelStore: { claimName: 'chat-models', storage },
};

export const vllm: EngineProps & { readonly name: 'vllm'; readonly gpu: { readonly count: number } } = {
  name: 'vllm',
  resources: { requests: { cpu: '8', memory: '64Gi' } },
  gpu: { count: 2 },
};

/** The spec of an object that must have been made. */
export function specOf(object: ApiObject | undefined) {
  if (object === undefined) throw new Error('the object was not made');
  return object.toJson().spec;
}

/** The problems that making something throws, by path. */
export function problemsOf(make: () => unknown): Record<string, string> {
  try {
    make();
  } catch (error) {
    const { problems } = error as InvalidInputError;
    return Object.fromEntries(problems.map(({ path, reason, mend }) => [path, `${reason} → ${mend}`]));
  }
  throw new Error('nothing was thrown');
}
