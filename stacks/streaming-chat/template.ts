import { runtimeSystemTemplate } from '../inference/template';
import type { Cloud } from '../topology/template';

const BEHAVIOR =
  'behavior: { scaleUp: { pods: 2, period: 60s, stabilization: 300s }, scaleDown: { pods: 1, period: 60s, stabilization: 300s } }';

/** The text of a topology file for a cloud. */
export function streamingChatTemplate(cloud: Cloud): string {
  return runtimeSystemTemplate(cloud, {
    kind: 'StreamingChat',
    name: 'talk',
    title: 'Chat over WebSockets at /ws/chat',
    secrets: [
      'the Secrets talk-cluster (secret) and talk-admin (password, 10 characters or more) in the namespace',
    ],
    sizes: (profile) => `# Each a number, or a range for the autoscaler.
roles:
  # hold people's connections: 2000 each
  gateway:
    replicas: { min: 3, max: 6 }
    resources: { requests: { cpu: 1, memory: 1Gi } }
    # memory is what they hold, not what they work
    autoscaling: { signal: cpu-memory, memoryPercent: off }
  # hold the models; signal: queue is KEDA on waiting requests and needs prometheusAddress
  worker:
    ${profile === 'small' ? '#replicas: 3' : '#replicas: { min: 3, max: 8 }'}
    #resources: {}
    autoscaling:
      signal: cpu-memory
      #cpuPercent: 70
      #memoryPercent: 80
      # two pods up and one down a minute, after five minutes of the same advice
      #${BEHAVIOR}
  # one leads, one stands by
  controller:
    #replicas: 2
    resources: { requests: { cpu: 250m, memory: 512Mi } }`,
    runtime: `# How its pods behave. websocket: { allowedOrigins: [https://app.acme.dev] } lets the pages of further sites connect;
# also streams, cluster, routing, selfHealing, logLevel. Limits are for each pod.
runtime:
  limits:
    requestsPerMinute: { perAddress: 600, perKey: 600 }`,
    security: `# Who may chat: whoever logs in, at first as admin with the password of Secret talk-admin. For people of a company
# oidc: { issuer: …, clientId: …, clientSecret: { secretName: … } }, for programs jwt: { issuer: …, audience: …, secret: … }.
#security: { clusterSecret: { secretName: talk-cluster, key: secret }, access: { admin: { name: admin } }, imagePullSecrets: [] }`,
    allow: `# Findings that are accepted, each with its reason: open-chat, slow-storage, plain-http, retired-service.
#allow: {}`,
  });
}
