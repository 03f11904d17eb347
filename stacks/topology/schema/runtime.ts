import * as z from 'zod';
import { count, duration, map, text } from './fields';

const limits = map({
  requestsPerMinute: map({
    perAddress: count(1, 1_000_000).optional().describe('From one client address.'),
    perKey: count(1, 1_000_000).optional().describe('With one API key or token.'),
  })
    .optional()
    .describe('More are answered 429, by each pod by itself. Default: as many as come.'),
  concurrentRequests: count(1, 1_000_000)
    .optional()
    .describe('Requests that one pod answers at once. Default: 1024.'),
  promptTokens: count(1, 10_485_760)
    .optional()
    .describe("Longer prompts are refused. Default: the model's context is the limit."),
});

const originFault = (value: string) => {
  if (value === '*') {
    const reason = 'lets the pages of every site act with the cookies of whoever looks at them';
    return { reason, mend: 'name the sites: https://chat.example.org' };
  }
  const { origin, protocol, hostname } = URL.canParse(value) ? new URL(value) : NO_URL;
  if (origin !== value || !/^https?:$/.test(protocol)) {
    return { reason: 'is not an origin', mend: 'write scheme and host only: https://chat.example.org' };
  }
  return protocol === 'https:' || hostname === 'localhost'
    ? undefined
    : { reason: 'is a site that anybody on the way can change', mend: `did you mean https://${hostname}?` };
};
const NO_URL = { origin: '', protocol: '', hostname: '' };

const websocket = map({
  heartbeat: duration(1, 3600)
    .optional()
    .describe('Time between pings; two without an answer end a connection. Default: 12s.'),
  maxConnections: count(1, 1_000_000).optional().describe('Connections of one pod. Default: 2000.'),
  maxConnectionsPerUser: count(1, 100_000).optional().describe('Of one user, to one pod. Default: 20.'),
  maxSubscriptions: count(1, 100_000)
    .optional()
    .describe('Conversations that one connection follows at once. Default: 50.'),
  allowedOrigins: z
    .array(text(originFault))
    .optional()
    .describe('Sites whose pages may connect, beside those of the own hosts. Default: none.'),
});

const streams = map({
  retention: duration().optional().describe('How long a finished stream can be read again. Default: 10m.'),
  stored: duration()
    .optional()
    .describe('How long a stored response, and what a reconnecting client missed, can be had. Default: 24h.'),
  lease: duration()
    .optional()
    .describe('A pod that is silent for so long loses its streams to others. Default: 1s.'),
  outage: duration()
    .optional()
    .describe('How long streams wait for the cache before they go on without it. Default: 10s.'),
});

const cluster = map({
  heartbeat: duration(1, 60)
    .optional()
    .describe('How often a pod tells the others that it lives. Default: 1s.'),
  suspicion: z
    .number()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'A silent pod gets no new work once the chance that it is merely late is below 10 to the power of minus this. Default: 8.',
    ),
  dead: duration(1, 3600)
    .optional()
    .describe('A pod that is suspected for so long counts as dead. Default: 5s.'),
  lease: duration(1, 600)
    .optional()
    .describe('A leader that is silent for so long is replaced. Default: 6s.'),
  eventDays: count(1, 3650).optional().describe('Days for which events are kept. Default: 30.'),
  auditDays: count(1, 3650).optional().describe('Days for which the audit log is kept. Default: 365.'),
});

const routing = map({
  breaker: map({
    failures: count(1, 1000)
      .optional()
      .describe('Failures in a row after which a pod is left alone. Default: 5.'),
    open: duration(1, 3600).optional().describe('For so long; then one request tries it. Default: 2s.'),
  })
    .optional()
    .describe('The circuit breaker between pods.'),
});

const selfHealing = map({
  hang: duration()
    .optional()
    .describe('An engine that has work and takes no step for so long is started again. Default: 60s.'),
  failures: count(1, 1000)
    .optional()
    .describe('Crashes within the window, after which a model rests on this pod. Default: 5.'),
  window: duration().optional().describe('The window in which crashes are counted. Default: 5m.'),
  cooldown: duration().optional().describe('How long it rests at first. Default: 60s.'),
});

/** How the pods of the runtime behave: what its configuration file says, with units. */
export const runtime = map({
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .optional()
    .describe('The least that is logged. Default: info.'),
  limits: limits.optional().describe('Requests that are refused.'),
  websocket: websocket.optional().describe('Chat over WebSockets, at /ws/chat.'),
  streams: streams.optional().describe('Answers that outlive connections and pods.'),
  cluster: cluster.optional().describe('How pods know each other, and who leads.'),
  routing: routing.optional().describe('How pods send requests to each other.'),
  selfHealing: selfHealing.optional().describe('Engines that crash or hang.'),
});
