import * as z from 'zod';
import { api } from '../topology/schema/api';
import { byteSize, count, dnsSubdomain, map, text, wordOr } from '../topology/schema/fields';
import { replicas, webAutoscaling } from '../topology/schema/scaling';
import { resources } from '../topology/schema/scheduling';
import { allowed, identity, secrets, surroundings } from '../topology/schema/system';

const sqlite = map({
  kind: z
    .literal('sqlite')
    .describe("AnythingLLM's own database, on a disk that one pod mounts. What the official image has."),
  size: byteSize().prefault('20Gi').describe('Size of the disk: database, documents, vector cache.'),
  storageClass: dnsSubdomain()
    .optional()
    .describe("StorageClass of disks. Default: the foundation's, else the cluster's default class."),
});

const postgresql = map({
  kind: z
    .literal('postgresql')
    .describe('The database of backing, for several pods. The image must be built for it: see the docs.'),
});

const llm = map({
  ...api,
  contextLength: count(512, 10_485_760)
    .default(8192)
    .describe('GENERIC_OPEN_AI_MODEL_TOKEN_LIMIT: tokens of prompt and answer together.'),
  maxTokens: count(1, 1_000_000).default(1024).describe('GENERIC_OPEN_AI_MAX_TOKENS: tokens of an answer.'),
});

const embedding = map({
  ...api,
  maxChunkLength: count(100, 1_000_000)
    .default(8192)
    .describe('EMBEDDING_MODEL_MAX_CHUNK_LENGTH: characters of one piece of a document.'),
});

/** `kind: AnythingLLM`: documents and chat on models of a Polypod runtime, as seed 000 means it. */
export const anythingLlm = map({
  kind: z.literal('AnythingLLM').describe('AnythingLLM: chat with documents, on models that others serve.'),
  ...identity,
  state: z
    .discriminatedUnion('kind', [sqlite, postgresql])
    .prefault({ kind: 'sqlite' })
    .describe('Where users, workspaces and chats are kept. It decides whether there can be several pods.'),
  replicas: replicas
    .optional()
    .describe('How many pods. Default: 1 with SQLite, from the profile with PostgreSQL.'),
  resources: resources.prefault({}).describe('CPU and memory of each pod. Default: 1 core and 2Gi.'),
  autoscaling: webAutoscaling.prefault({}).describe('What decides the number of pods, with PostgreSQL.'),
  llm: llm.describe('What answers.'),
  embedding: wordOr('native', embedding)
    .default('native')
    .describe('What embeds documents: native is a small model inside AnythingLLM, kept with the models.'),
  web: z
    .boolean()
    .default(true)
    .describe('Whether pods may fetch public pages, and the native models, over ports 80 and 443.'),
  files: map({
    size: byteSize()
      .optional()
      .describe('Size of the claim. Default: 20Gi, and no less than the storage grants.'),
  })
    .prefault({})
    .describe('The claim that pods share: models, and with PostgreSQL also documents.'),
  migration: map({
    claim: dnsSubdomain().describe('Claim of the single pod that ran before, in the same namespace.'),
    path: text((value) =>
      /^(\/[\w.-]+)*\/?$/.test(value) && !value.split('/').includes('..')
        ? undefined
        : { reason: 'is not a folder of a claim', mend: 'write it from the root of the claim: /storage' },
    )
      .default('/')
      .describe('Folder in that claim that holds anythingllm.db.'),
  })
    .optional()
    .describe(
      'Instead of the system, a Job that backs the old claim up and copies it. Default: no migration.',
    ),
  ...surroundings,
  security: map({
    keys: map({
      secretName: dnsSubdomain().describe(
        'Secret with auth-token (the password of the site), jwt-secret, sig-key and sig-salt.',
      ),
    })
      .optional()
      .describe('Keys that all pods share. Default: Secret NAME-keys.'),
    ...secrets,
  })
    .prefault({})
    .describe('Secrets, by reference; never their values.'),
  allow: map(allowed).prefault({}).describe('Findings that are accepted, each with the reason.'),
});

/** An AnythingLLM topology as one writes it. */
export type AnythingLlmInput = z.input<typeof anythingLlm>;

/** An AnythingLLM topology as read: units parsed, defaults of the schema filled in. */
export type AnythingLlmTopology = z.output<typeof anythingLlm>;
