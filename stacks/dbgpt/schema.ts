import * as z from 'zod';
import { api } from '../topology/schema/api';
import { backing, databaseServer } from '../topology/schema/backing';
import { gpu } from '../topology/schema/engine';
import {
  byteSize,
  count,
  dnsSubdomain,
  duration,
  map,
  port,
  someText,
  text,
  wordOr,
} from '../topology/schema/fields';
import { image } from '../topology/schema/image';
import { replicas, webAutoscaling } from '../topology/schema/scaling';
import { resources } from '../topology/schema/scheduling';
import { secretKey } from '../topology/schema/secrets';
import { sharedClaim } from '../topology/schema/storage';
import { allowed, identity, reason, secrets, surroundings } from '../topology/schema/system';

/** 128 characters of the registry's column, less `@text2vec`. */
const LONGEST_NAME = 119;

const name = text((value) =>
  value.length <= LONGEST_NAME && /^[\w.:/-]+$/.test(value)
    ? undefined
    : {
        reason: 'is not a name for a model in the registry',
        mend: `write letters, digits and _ . : / -, at most ${LONGEST_NAME}`,
      },
).optional();

const proxy = map({
  kind: z
    .literal('proxy')
    .describe("The worker passes on to an API in OpenAI's form, such as a Polypod runtime (proxy/openai)."),
  name: name.describe('Its name in the registry. Default: the model.'),
  ...api,
});

/** Path of a model below the claim. */
const path = text((value) =>
  /^[\w.-]+(\/[\w.-]+)*$/.test(value) && !value.split('/').includes('..')
    ? undefined
    : {
        reason: 'is not a path below the claim for models',
        mend: 'write it without a slash in front: glm-4-9b-chat lies at /app/models/glm-4-9b-chat',
      },
);

const files = {
  kind: z.literal('files').describe('The worker loads files from the shared claim, below /app/models.'),
  name: name.describe('Its name in the registry. Default: the last part of path.'),
  path: path.describe('Folder or file below /app/models.'),
  image: image()
    .optional()
    .describe('Image that can load it, such as docker.io/eosphorosai/dbgpt. Default: that of backing.'),
  gpu: gpu.optional().describe('GPUs of each worker. Default: none.'),
  startup: duration(60, 14_400)
    .prefault('30m')
    .describe('Time that a worker may take until its model is loaded.'),
};

const llm = z.discriminatedUnion('kind', [
  map({
    ...proxy.shape,
    contextLength: count(512, 10_485_760)
      .default(8192)
      .describe('Tokens of prompt and answer together. DB-GPT reckons with no fewer than 8192.'),
  }),
  map({
    ...files,
    provider: z
      .enum(['hf', 'vllm', 'llama.cpp'])
      .default('hf')
      .describe('What loads it: Transformers, vLLM or llama.cpp, if the image has it.'),
  }),
]);

const embedding = z.discriminatedUnion('kind', [
  proxy,
  map({
    ...files,
    provider: z.literal('hf').default('hf').describe('What loads it: Sentence Transformers.'),
  }),
]);

const worker = map({
  replicas: replicas
    .optional()
    .describe('How many pods. Default: 2 to 4 of a proxy, 1 of a model of its own.'),
  resources: resources.prefault({}).describe('CPU and memory of each pod. Default: by what it does.'),
  autoscaling: webAutoscaling.prefault({}).describe('What decides the number of pods.'),
});

const roles = map({
  controller: map({
    replicas: count(1, 9)
      .default(2)
      .describe('How many pods. Everybody is told the address of each, so the number is fixed.'),
    resources: resources.prefault({}).describe('CPU and memory of each pod. Default: 100m and 256Mi.'),
  })
    .prefault({})
    .describe('Knows which workers there are. Two share the table of workers in MySQL.'),
  llm: worker.prefault({}).describe('Workers that generate.'),
  embedding: worker.prefault({}).describe('Workers that embed.'),
  web: map({
    replicas: count(1, 100).default(1).describe('How many pods: 1, since it keeps much to itself.'),
    resources: resources.prefault({}).describe('CPU and memory of each pod. Default: 1 core and 2Gi.'),
  })
    .prefault({})
    .describe('Pages, API, knowledge, agents.'),
});

const mysql = databaseServer.extend({
  port: port().default(3306).describe('TCP port.'),
  database: someText().default('dbgpt').describe('Name of the database.'),
});

/** `kind: DBGPT`: DB-GPT with several controllers, as seed 003 describes it. */
export const dbgpt = map({
  kind: z.literal('DBGPT').describe('DB-GPT: controllers, workers and a web server on one MySQL.'),
  ...identity,
  llm: llm.describe('What answers.'),
  embedding: embedding.describe('What embeds documents.'),
  roles: roles.prefault({}).describe('Pods of each part.'),
  heartbeat: map({
    timeout: duration(20, 3600)
      .prefault('60s')
      .describe('Silence after which controllers call a worker unhealthy; workers speak every 20 s.'),
  })
    .prefault({})
    .describe('How the loss of a worker is noticed.'),
  language: z
    .enum(['en', 'zh', 'fr', 'ja', 'ko', 'ru'])
    .default('en')
    .describe('Language of prompts and pages.'),
  state: map({
    size: byteSize().prefault('20Gi').describe('Size of the disk.'),
    storageClass: dnsSubdomain()
      .optional()
      .describe("StorageClass of disks. Default: the foundation's, else the cluster's default class."),
  })
    .prefault({})
    .describe("The web server's own disk: the vector store (Chroma, on SQLite), work of agents, pictures."),
  models: sharedClaim(10_001)
    .prefault({})
    .describe('The claim at /app/models: model files, and in .uploads what people uploaded.'),
  ...surroundings,
  backing: map({
    ...backing.shape,
    database: wordOr('local', mysql)
      .optional()
      .describe('MySQL: an existing one, or local to run one in the namespace, for development.'),
  })
    .prefault({})
    .describe('What the topology stands on. Under Pulumi the foundation makes what is left out.'),
  security: map({
    encryptKey: secretKey('encrypt-key')
      .optional()
      .describe(
        'Key by which variables are encrypted in the database. Default: encrypt-key of Secret NAME-keys.',
      ),
    ...secrets,
  })
    .prefault({})
    .describe('Secrets, by reference; never their values.'),
  allow: map({
    'no-login': reason()
      .optional()
      .describe('Hosts to which DB-GPT, which has no login, is opened: what stands before it?'),
    ...allowed,
  })
    .prefault({})
    .describe('Findings that are accepted, each with the reason.'),
});

/** A DB-GPT topology as one writes it. */
export type DbgptInput = z.input<typeof dbgpt>;

/** A DB-GPT topology as read: units parsed, defaults of the schema filled in. */
export type DbgptTopology = z.output<typeof dbgpt>;
