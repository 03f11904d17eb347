import { type Cloud, cloudParts, surroundingsTemplate, trafficDefaults } from '../topology/template';

/**
 * The text of a topology file for a cloud. Prose begins with `# `; a field that is commented out begins with `#`
 * alone and shows its default, so that taking the `#` away changes nothing.
 */
export function anythingLlmTemplate(cloud: Cloud): string {
  const parts = cloudParts(cloud, 'docs');
  const needs = [
    ...parts.needs.cluster,
    ...parts.needs.database,
    'the Secret docs-keys (auth-token, jwt-secret, sig-key, sig-salt); polypod secrets makes it up',
    'an Inference topology that serves the model and lets this one in: network.clientsFrom: [{ namespace: docs }]',
  ];
  return `# yaml-language-server: $schema=https://unpkg.com/polypod/schemas/topology.schema.json
#
# AnythingLLM on models of a Polypod runtime: polypod synth FILE -o DIR writes its manifests.
# What it needs:
${needs.map((need) => `#   - ${need}`).join('\n')}

kind: AnythingLLM
name: docs
#namespace: docs
# The Namespace is written, too, with Pod Security "restricted" enforced.
#createNamespace: true
#labels: {}

# Sizes of the database, and of the pods with state: postgresql.
profile: small

# sqlite: one pod, whose database lies on a disk of its own. postgresql: several pods; the official image can't, build
# one for it (docs/anything-llm.md). storageClass: a class of disks.
state:
  kind: sqlite
  #size: 20Gi

# replicas: { min: 2, max: 5 } is for postgresql only.
#replicas: 1

#resources: { requests: { cpu: 1, memory: 2Gi } }

# A HorizontalPodAutoscaler, with postgresql.
#autoscaling: { cpuPercent: 70, memoryPercent: off }

# What answers: an Inference topology of the same cluster, or any API in OpenAI's form: { url: …, cidrs: […] }.
llm:
  runtime: { name: chat, namespace: chat }
  model: ${cloud === 'local' ? 'qwen2.5-0.5b-instruct' : 'qwen2.5-7b-instruct'}
  #contextLength: 8192
  #maxTokens: 1024

# native, or a model like that of llm: { runtime: { name: chat }, model: … }.
#embedding: native

# Whether pods may fetch public pages, and the native models.
#web: true

# The claim that pods share: models, and with postgresql documents. Default size: 20Gi, no less than the storage grants.
#files: {}

# migration: { claim: … } copies what a single pod left behind, instead of running the system.

# Connections of each pod; the most pods times these must fit what the server grants. There is no cache.
#connections: { database: 20, cache: 10 }

${surroundingsTemplate}

#shutdown: { preStop: 10s, drain: 20s, grace: 45s }

# Everything is denied but what follows from this file and what is named here.
#network: { isolation: true, clientsFrom: [], egress: [] }

${parts.traffic}${trafficDefaults(cloud)}

#security: { imagePullSecrets: [] }

# Findings that are accepted, each with its reason: slow-storage, plain-http, retired-service.
#allow: {}

# What it stands on.
backing:
  # pinned by tag or digest
  image: docker.io/mintplexlabs/anythingllm:1.16.0
${parts.storage}
${parts.database}
`;
}
