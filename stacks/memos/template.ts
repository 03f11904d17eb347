import { type Cloud, cloudParts, surroundingsTemplate, trafficDefaults } from '../topology/template';

/**
 * The text of a topology file for a cloud. Prose begins with `# `; a field that is commented out begins with `#`
 * alone and shows its default, so that taking the `#` away changes nothing.
 */
export function memosTemplate(cloud: Cloud): string {
  const parts = cloudParts(cloud, 'memos');
  const { cluster, cache, database } = parts.needs;
  return `# yaml-language-server: $schema=https://unpkg.com/polypod/schemas/topology.schema.json
#
# Memos on several pods: polypod synth FILE -o DIR writes its manifests, polypod check DIR examines them.
# What it needs:
${[...cluster, ...cache, ...database].map((need) => `#   - ${need}`).join('\n')}

kind: Memos
name: memos
#namespace: memos
# The Namespace is written, too, with Pod Security "restricted" enforced.
#createNamespace: true
#labels: {}

# small: fewer than 100 users, 2-3 pods; medium: 100-1000 users, 3-8 pods; large: 1000 and more, 8-20 pods;
# enterprise: beyond, 20-40 pods. Every figure of it can be set by itself.
profile: small

# A number, or a range for the autoscaler.
replicas: { min: 2, max: 10 }

#resources: { requests: { cpu: 250m, memory: 256Mi } }

# A HorizontalPodAutoscaler: up at once, down after five quiet minutes.
#autoscaling: { cpuPercent: 70, memoryPercent: off }

# Connections of each pod; the most pods times these must fit what the servers grant. Of the cache's, three pools take
# a third each: 33 make MEMOS_REDIS_POOL_SIZE 10.
#connections: { database: 20, cache: 33 }

# MEMOS_REDIS_DIAL_TIMEOUT and its kin.
#redis: { dialTimeout: 5s, readTimeout: 3s, writeTimeout: 3s, keyPrefix: memos }

# The cache's memory where Pulumi makes it: 50 MB, 2 kB a session, 1 kB a setting, and no less than the profile's.
#load: { sessions: 0, settings: 0 }

# instanceUrl: https://memos.acme.dev is MEMOS_INSTANCE_URL. Default: the first host of traffic.

# The claim for uploaded files, and the user of the pods. Default size: 10Gi, no less than the storage grants.
#attachments: { uid: 10001, gid: 10001 }

${surroundingsTemplate}

#shutdown: { preStop: 10s, drain: 20s, grace: 45s }

# Everything is denied but what follows from this file and what is named here.
#network: { isolation: true, clientsFrom: [], egress: [] }

${parts.traffic}${trafficDefaults(cloud)}

#security: { imagePullSecrets: [] }

# Findings that are accepted, each with its reason: stale-sessions, slow-storage, plain-http, retired-service.
#allow: {}

# What it stands on.
backing:
  # an image of Memos that keeps its caches in Redis (docs/memos.md), pinned by tag or digest
  image: ghcr.io/acme/memos:0.25.1-redis
${parts.storage}
${parts.cache}
${parts.database}
`;
}
