import * as z from 'zod';
import { count, countOrPercent, dnsSubdomain, duration, map, percent, text, wordOr } from './fields';
import { resources } from './scheduling';

/** How many pods: a number, or a range for an autoscaler. */
export const replicas = z.union([
  count(0, 1000).describe('So many, always.'),
  map({
    min: count(0, 1000).optional().describe('Never fewer. Default: from the profile.'),
    max: count(0, 1000).optional().describe('Never more. Default: from the profile.'),
  }),
]);

const step = (defaults: { pods: number; period: string; stabilization: string }) =>
  map({
    pods: count(1, 1000).default(defaults.pods).describe('Pods that one step adds or removes at most.'),
    period: duration(1, 1800).prefault(defaults.period).describe('Time between steps, at most 30m.'),
    stabilization: duration(0, 3600)
      .prefault(defaults.stabilization)
      .describe('The most careful recommendation of this time is followed; at most 1h.'),
  }).prefault({});

// Seed 002: two pods up and one down a minute, after 300 s of the same advice.
const behavior = map({
  scaleUp: step({ pods: 2, period: '60s', stabilization: '300s' }).describe('Growing.'),
  scaleDown: step({ pods: 1, period: '60s', stabilization: '300s' }).describe('Shrinking.'),
})
  .prefault({})
  .describe('How fast the number of pods changes.');

const cpuMemory = map({
  signal: z.literal('cpu-memory').describe('A HorizontalPodAutoscaler on use in relation to requests.'),
  cpuPercent: wordOr('off', percent())
    .default(70)
    .describe('Average CPU use, in percent of the request, that is aimed at. 70 in seeds 001 and 002.'),
  memoryPercent: wordOr('off', percent())
    .default(80)
    .describe('Average memory use, in percent of the request, that is aimed at. 80 in seed 002.'),
  behavior,
});

const queue = map({
  signal: z.literal('queue').describe('A KEDA ScaledObject on the requests that wait.'),
  prometheusAddress: text((value) =>
    /^https?:\/\/[^/\s]+/.test(value) && URL.canParse(value)
      ? undefined
      : { reason: 'is not a URL', mend: 'write one such as http://prometheus-server.monitoring.svc:9090' },
  )
    .optional()
    .describe('Where KEDA asks Prometheus. Required with this signal.'),
  target: count(1, 100_000).default(4).describe('Waiting requests for each pod that are aimed at.'),
  authentication: dnsSubdomain()
    .optional()
    .describe('Name of an existing KEDA TriggerAuthentication of the namespace. Default: none.'),
  pollingInterval: duration().prefault('15s').describe('Time between questions.'),
  behavior,
});

/** For pods that start in seconds and show their load by CPU: up at once, down after five quiet minutes. */
export const webAutoscaling = map({
  signal: z
    .literal('cpu-memory')
    .default('cpu-memory')
    .describe('A HorizontalPodAutoscaler on use in relation to requests.'),
  cpuPercent: wordOr('off', percent())
    .default(70)
    .describe('Average CPU use, in percent of the request, that is aimed at. 70 in seed 001.'),
  memoryPercent: wordOr('off', percent())
    .default('off')
    .describe('Average memory use, in percent of the request, that is aimed at.'),
  behavior: map({
    scaleUp: step({ pods: 2, period: '60s', stabilization: '0s' }).describe('Growing.'),
    scaleDown: step({ pods: 1, period: '60s', stabilization: '300s' }).describe('Shrinking.'),
  })
    .prefault({})
    .describe('How fast the number of pods changes.'),
});

/** What decides the number of pods between the minimum and the maximum. */
export const autoscaling = z.discriminatedUnion('signal', [cpuMemory, queue]);

/** One role that is a workload of its own. */
export const role = map({
  replicas: replicas.optional().describe('How many pods.'),
  resources: resources.prefault({}).describe("CPU and memory of the runtime's container."),
  autoscaling: autoscaling.prefault({ signal: 'cpu-memory' }).describe('What decides the number of pods.'),
});

/** One process for everything, or one workload a role. */
export const roles = wordOr(
  'all',
  map({
    gateway: role.optional().describe('API, sessions and streams. Default replicas: 2 to 6.'),
    worker: role.optional().describe('Models. Default replicas: from the profile.'),
    controller: role.optional().describe("The leader's duties. Default replicas: 2, one of which stands by."),
  }),
);

/** How much an update or a drain may take away at once. */
export const disruption = map({
  maxUnavailable: countOrPercent()
    .optional()
    .describe('Pods that may be evicted at once: a number or a percentage. Default: 1.'),
  minAvailable: countOrPercent().optional().describe('Pods that must stay, instead of maxUnavailable.'),
});

/** How a new version is rolled out. */
export const update = map({
  partition: count(0, 1000)
    .default(0)
    .describe('Only pods with this ordinal or a higher one are updated: a canary. 0 updates all.'),
  minReady: duration(0)
    .prefault('10s')
    .describe('Time that a new pod must be ready before the next is taken.'),
});

/** How a pod goes away. */
export const shutdown = map({
  preStop: duration(0)
    .optional()
    .describe("Wait before SIGTERM, while endpoints are withdrawn. Default: the runtime's, 10s."),
  drain: duration(0)
    .optional()
    .describe("Time in which streams are handed over after SIGTERM. Default: the runtime's, 20s."),
  grace: duration().optional().describe('Time until SIGKILL. Default: preStop, drain and 15s.'),
});

/** How a pod comes up. */
export const startup = map({
  budget: duration()
    .optional()
    .describe(
      'Time that a pod may take until its model is loaded. Default: from model bytes and storage throughput.',
    ),
  limit: duration()
    .prefault('1h')
    .describe('A derived budget beyond this is refused: storage is too slow for the model.'),
});

/** Connections that each pod opens. */
export const connections = map({
  database: count(1, 1000).default(20).describe('To the database, for each pod. 20 in seed 001.'),
  cache: count(1, 1000).default(10).describe('To the cache, for each pod. 10 in seed 001.'),
});
