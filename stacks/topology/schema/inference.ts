import * as z from 'zod';
import { access } from './access';
import { engine } from './engine';
import { map } from './fields';
import { model } from './models';
import { inferenceNetwork } from './network';
import { runtimeObservability } from './observability';
import { runtime } from './runtime';
import { autoscaling, replicas, roles, startup, update } from './scaling';
import { resources } from './scheduling';
import { certificateBundle, secretKey } from './secrets';
import { modelStore } from './storage';
import { allowed, identity, reason, secrets, surroundings } from './system';

/** Checks whose finding a person may accept, each with the reason. */
const allow = map({
  'lost-streams': reason()
    .optional()
    .describe('More than one pod without a cache: streams die with their pod.'),
  ...allowed,
});

/** `kind: Inference`: models behind an OpenAI-compatible API, on as many pods as it takes. */
export const inference = map({
  kind: z.literal('Inference').describe('Models behind an OpenAI-compatible API.'),
  ...identity,
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
  ...surroundings,
  modelStore: modelStore.prefault({}).describe('The claim for model files.'),
  update: update.prefault({}).describe('How a new version is rolled out.'),
  startup: startup.prefault({}).describe('How a pod comes up.'),
  runtime: runtime.prefault({}).describe("How its pods behave. Default: the runtime's own."),
  network: inferenceNetwork.prefault({}).describe('Who may reach whom.'),
  observability: runtimeObservability,
  security: map({
    huggingFaceToken: secretKey('token').optional().describe('Token for gated models. Default: none.'),
    clusterSecret: secretKey('secret')
      .optional()
      .describe('What pods prove to each other. Default: Secret NAME-cluster, key secret.'),
    trustedCa: certificateBundle
      .optional()
      .describe(
        'Authorities that pods trust beside the public ones: of a proxy, a private OpenID provider, a mirror of models. Default: the public ones.',
      ),
    access: access.optional().describe('Who may use the system. Default: whoever reaches it.'),
    ...secrets,
  })
    .prefault({})
    .describe('Secrets, by reference; never their values.'),
  allow: allow.prefault({}).describe('Findings that are accepted, each with the reason.'),
});
