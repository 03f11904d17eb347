import { type Cloud, cloudParts, surroundingsTemplate, trafficDefaults } from '../topology/template';

const MODEL_STORE = '#modelStore: { uid: 10001, gid: 10001 }';

const QWEN_7B = `models:
  - name: qwen2.5-7b-instruct
    # hf:owner/repository/file for one GGUF file, hf:owner/repository for safetensors (vllm, sglang), https:, file:
    source: hf:bartowski/Qwen2.5-7B-Instruct-GGUF/Qwen2.5-7B-Instruct-Q4_K_M.gguf
    # Commit of the repository, so that the model never changes by itself.
    #revision: main
    # Bytes of its files together (the model card says 4.68 GB). Memory, claim and startup budget follow from it.
    size: 4.7G
    # Tokens of prompt and answer together, and requests that one pod generates at once.
    #contextLength: 8192
    #sequences: 8
    #purpose: chat`;

const QWEN_HALF = `models:
  - name: qwen2.5-0.5b-instruct
    # hf:owner/repository/file for one GGUF file, hf:owner/repository for safetensors (vllm, sglang), https:, file:
    source: hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf
    # Commit of the repository, so that the model never changes by itself.
    #revision: main
    # Bytes of its files together (the repository says 491 MB). Memory, claim and startup budget follow from it.
    size: 492M
    # Tokens of prompt and answer together, and requests that one pod generates at once.
    #contextLength: 8192
    #sequences: 8
    #purpose: chat`;

/** What differs from cloud to cloud in an inference topology. */
const MODELS: Readonly<Record<Cloud, { profile: 'small' | 'medium'; model: string; modelStore: string }>> = {
  aws: { profile: 'medium', model: QWEN_7B, modelStore: MODEL_STORE },
  gcp: {
    profile: 'medium',
    model: QWEN_7B,
    modelStore: `# Filestore is as fast as it is large: 260 MiB/s a TiB for all pods together.
modelStore:
  size: 1Ti
  #uid: 10001
  #gid: 10001`,
  },
  azure: { profile: 'medium', model: QWEN_7B, modelStore: MODEL_STORE },
  local: { profile: 'small', model: QWEN_HALF, modelStore: MODEL_STORE },
};

/** What differs between the kinds of topology that the runtime serves. */
interface RuntimeSystem {
  readonly kind: string;
  readonly name: string;
  /** What it is, in a line. */
  readonly title: string;
  /** Secrets that it takes beside those of cache and database. */
  readonly secrets: readonly string[];
  /** The fields that say how many pods of what size, by the profile that the cloud's file has. */
  readonly sizes: (profile: 'small' | 'medium') => string;
  /** The fields `runtime`, `security` and `allow`. */
  readonly runtime: string;
  readonly security: string;
  readonly allow: string;
}

export function inferenceTemplate(cloud: Cloud): string {
  return runtimeSystemTemplate(cloud, {
    kind: 'Inference',
    name: 'chat',
    title: 'A Polypod topology',
    secrets: ['the Secret chat-cluster (secret) in the namespace'],
    sizes: (
      profile,
    ) => `# all: every pod does everything. Or a workload each: { gateway: {}, worker: {}, controller: {} }.
#roles: all

# A number, or a range for the autoscaler. Default: from the profile.
${profile === 'small' ? '#replicas: { min: 2, max: 3 }' : '#replicas: { min: 3, max: 8 }'}

# Default: 4 cores, and memory for the models and their context; no CPU limit, since throttling stalls streams.
#resources: {}

# cpu-memory is a HorizontalPodAutoscaler; queue is KEDA on waiting requests and needs prometheusAddress.
autoscaling:
  signal: cpu-memory
  #cpuPercent: 70
  #memoryPercent: 80
  # two pods up and one down a minute, after five minutes of the same advice
  #behavior: { scaleUp: { pods: 2, period: 60s, stabilization: 300s }, scaleDown: { pods: 1, period: 60s, stabilization: 300s } }`,
    runtime: `# How its pods behave: limits (requestsPerMinute: { perAddress: 600, perKey: 600 }), websocket (allowedOrigins), streams,
# cluster, routing, selfHealing, logLevel. Default: the runtime's own.
#runtime: {}`,
    security: `# The secret that pods prove to each other; huggingFaceToken: { secretName: … } for gated models;
# trustedCa: { configMapName: … } has further authorities, for a proxy, a private OpenID provider or a mirror of models.
# Without access whoever reaches it may use it. access: { admin: {} } makes a first account with the password in Secret
# chat-admin; oidc: { issuer: …, clientId: …, clientSecret: { secretName: … } } is single sign-on.
#security: { clusterSecret: { secretName: chat-cluster, key: secret }, imagePullSecrets: [] }`,
    allow: `# Findings that are accepted, each with its reason: lost-streams, slow-storage, plain-http, retired-service.
#allow: {}`,
  });
}

/**
 * The text of a topology file for a cloud. Prose begins with `# `; a field that is commented out begins with `#`
 * alone and shows its default, so that taking the `#` away changes nothing.
 */
export function runtimeSystemTemplate(cloud: Cloud, system: RuntimeSystem): string {
  const parts = { ...cloudParts(cloud, system.name), ...MODELS[cloud] };
  const { cluster, cache, database } = parts.needs;
  const needs = [...cluster, ...cache, ...database, ...system.secrets];
  return `# yaml-language-server: $schema=https://unpkg.com/polypod/schemas/topology.schema.json
#
# ${system.title}: polypod synth FILE -o DIR writes its manifests, polypod check DIR examines them.
# What it needs:
${needs.map((need) => `#   - ${need}`).join('\n')}

kind: ${system.kind}
name: ${system.name}
#namespace: ${system.name}
# The Namespace is written, too, with Pod Security "restricted" enforced.
#createNamespace: true
#labels: {}

# small: fewer than 100 users, 2-3 pods; medium: 100-1000 users, 3-8 pods; large: 1000 and more, 8-20 pods;
# enterprise: beyond, 20-40 pods. Every figure of it can be set by itself.
profile: ${parts.profile}

${parts.model}

# llama.cpp is in the image (GGUF). vllm and sglang (safetensors), llama-server and ollama (GGUF) run beside it.
engine:
  name: llama.cpp
  # GPUs need the CUDA variant of the image: accelerator: cuda and gpu: { count: 1 }
  #accelerator: none

${system.sizes(parts.profile)}

# Connections of each pod. The most pods times these must fit what the servers grant.
#connections: { database: 20, cache: 10 }

# The claim for model files, and the user of the pods. Default size: twice the models, no less than the storage grants.
${parts.modelStore}

${surroundingsTemplate}

# partition: N updates only the pods from ordinal N on: a canary.
#update: { partition: 0, minReady: 10s }

# The startup budget follows from model bytes and storage throughput; one beyond this is refused.
#startup: { limit: 1h }

# Streams are handed over within drain; grace is preStop, drain and 15s.
#shutdown: { preStop: 10s, drain: 20s, grace: 45s }

${system.runtime}

# Everything is denied but what follows from this file and what is named here.
network:
  #isolation: true
  # who scrapes metrics
  metricsFrom: { namespace: monitoring }
  # where models are fetched from; private networks are never opened by it
  #modelSource: { cidrs: [0.0.0.0/0, "::/0"], ports: [443] }
  # pods of the cluster that may call it: { namespace, podLabels }
  #clientsFrom: []
  #egress: []
  #dns: { namespace: kube-system, podLabels: { k8s-app: kube-dns }, nodeLocal: false }

${parts.traffic}${trafficDefaults(cloud)}

${system.security}

${system.allow}

# What it stands on.
backing:
  # the runtime's image, pinned by tag or digest
  image: ghcr.io/acme/polypod-runtime:0.1.0
${parts.storage}
${parts.cache}
${parts.database}
`;
}
