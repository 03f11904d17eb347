import * as z from 'zod';
import { backing } from './backing';
import { engine } from './engine';
import { byteSize, count, cpu, dnsLabel, dnsSubdomain, labels, map, text } from './fields';
import { model } from './models';
import { network } from './network';
import { autoscaling, connections, disruption, replicas, roles, shutdown, startup, update } from './scaling';
import { resources, scheduling, spread } from './scheduling';
import { secretKey } from './secrets';
import { modelStore } from './storage';
import { traffic } from './traffic';

/** Length that leaves room for `-controller`, an ordinal and the hash of a revision within 63 characters. */
const NAME_PATTERN = '^[a-z]([-a-z0-9]{0,34}[a-z0-9])?$';

const sizing = map({
  database: map({
    cpu: cpu().optional().describe('Default: from the profile.'),
    memory: byteSize().optional().describe('Default: from the profile.'),
    storage: byteSize().optional().describe('Default: from the profile.'),
    maxConnections: count(1, 100_000).optional().describe('Default: connections.database × the most pods.'),
  })
    .prefault({})
    .describe('PostgreSQL.'),
  cache: map({
    memory: byteSize().optional().describe('Default: from the profile.'),
    mode: z.enum(['single', 'cluster']).optional().describe('Default: from the profile.'),
  })
    .prefault({})
    .describe('Redis or Valkey.'),
});

/** Long enough to say something. */
const reason = () => z.string().min(8);

/** Checks whose finding a person may accept, each with the reason. */
const allow = map({
  'lost-streams': reason()
    .optional()
    .describe('More than one pod without a cache: streams die with their pod.'),
  'slow-storage': reason().optional().describe('Hard disks or bursting throughput for model files.'),
  'plain-http': reason().optional().describe('A public host without TLS.'),
  'retired-service': reason().optional().describe('A service that is retired or will be.'),
});

/** `kind: Inference`: models behind an OpenAI-compatible API, on as many pods as it takes. */
export const inference = map({
  $schema: z.string().optional().describe('Where editors find the JSON Schema of this file.'),
  kind: z.literal('Inference').describe('Models behind an OpenAI-compatible API.'),
  name: text(
    (value) =>
      new RegExp(NAME_PATTERN).test(value)
        ? undefined
        : {
            reason: 'is not a name for a topology',
            mend: 'start with a lower-case letter; then letters, digits and "-", at most 36, no "-" at the end',
          },
    { pattern: NAME_PATTERN },
  ).describe('Name of the topology; the names of all its objects begin with it.'),
  namespace: dnsLabel().optional().describe('Namespace of its objects. Default: its name.'),
  createNamespace: z
    .boolean()
    .default(true)
    .describe('Write the Namespace, too, with Pod Security restricted enforced.'),
  labels: labels().default({}).describe('Further labels of all objects.'),
  profile: z
    .enum(['small', 'medium', 'large', 'enterprise'])
    .default('small')
    .describe(
      'Sizes by users (seed 001): small < 100, medium 100 to 1000, large 1000 and more, enterprise beyond. Every figure can be set by itself.',
    ),
  models: z.array(model).min(1).describe('What is served.'),
  engine: engine.prefault({ name: 'llama.cpp' }).describe('What generates.'),
  roles: roles
    .default('all')
    .describe('all: every pod does everything. Or a workload each for gateway, worker and controller.'),
  replicas: replicas.optional().describe('How many pods, with roles: all. Default: from the profile.'),
  resources: resources
    .prefault({})
    .describe("CPU and memory of the runtime's container, with roles: all. Default: from the models."),
  autoscaling: autoscaling
    .prefault({ signal: 'cpu-memory' })
    .describe(
      'What decides the number of pods, with roles: all. Only where the maximum is above the minimum.',
    ),
  connections: connections.prefault({}).describe('Connections that each pod opens.'),
  sizing: sizing.prefault({}).describe('Sizes of the database and cache that a foundation makes.'),
  modelStore: modelStore.prefault({}).describe('The claim for model files.'),
  scheduling: scheduling.prefault({}).describe('Where pods may run.'),
  spread: spread.prefault({}).describe('How replicas keep apart.'),
  disruption: disruption.prefault({}).describe('How much a drain may take away at once.'),
  update: update.prefault({}).describe('How a new version is rolled out.'),
  startup: startup.prefault({}).describe('How a pod comes up.'),
  shutdown: shutdown.prefault({}).describe('How a pod goes away.'),
  network: network.prefault({}).describe('Who may reach whom.'),
  traffic: traffic.prefault({ type: 'none' }).describe('How clients outside the cluster get in.'),
  security: map({
    huggingFaceToken: secretKey('token').optional().describe('Token for gated models. Default: none.'),
    clusterSecret: secretKey('secret')
      .optional()
      .describe('What pods prove to each other. Default: Secret NAME-cluster, key secret.'),
    imagePullSecrets: z.array(dnsSubdomain()).default([]).describe('Secrets for private image registries.'),
  })
    .prefault({})
    .describe('Secrets, by reference; never their values.'),
  backing: backing
    .prefault({})
    .describe('What the topology stands on. Under Pulumi the foundation makes what is left out.'),
  allow: allow.prefault({}).describe('Findings that are accepted, each with the reason.'),
});
