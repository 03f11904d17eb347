import { dependencyBlocked } from '../../../../../constructs/checks/rules/network/dependency-blocked';
import { findingsOf } from '../../../../support/check-rule';

const chat = (env: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: chat, namespace: ai }
spec:
  template:
    metadata: { labels: { app: chat } }
    spec: { containers: [{ name: app, image: app:1, env: [${env}] }] }
`;
const set = (name: string, value: string) => `{ name: ${name}, value: "${value}" }`;
const redis = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: redis, namespace: data }
spec:
  template:
    metadata: { labels: { app: redis } }
    spec: { containers: [{ name: redis, image: redis:8, ports: [{ name: resp, containerPort: 6379 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: redis, namespace: data }
spec: { selector: { app: redis }, ports: [{ port: 6380, targetPort: resp }] }
`;
const policy = (egress: string, name = 'chat') => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ai }
spec: { podSelector: { matchLabels: { app: chat } }, policyTypes: [Egress], egress: ${egress} }
`;
const all = (...parts: string[]) => parts.join('\n---\n');
const REDIS = set('REDIS_URL', 'redis://redis.data:6380/0');
const TO_REDIS =
  'to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: data } }, podSelector: { matchLabels: { app: redis } } }]';

test('fires where no rule leads to the Service', () => {
  const yaml = all(chat(REDIS), redis, policy('[{ ports: [{ port: 5432 }] }]'));
  expect(findingsOf(dependencyBlocked, yaml)).toMatchObject([
    {
      object: 'NetworkPolicy/chat',
      path: 'spec.egress',
      severity: 'error',
      message: expect.stringMatching(/Deployment\/chat.*redis\.data:6380 \(REDIS_URL\).*port 6379/),
      fix: expect.stringMatching(/port 6379 .*app: redis.* namespace data/),
    },
  ]);
});

test.each([
  [
    "the Service's port in place of the pods'",
    all(chat(REDIS), redis),
    `[{ ${TO_REDIS}, ports: [{ port: 6380 }] }]`,
  ],
  [
    'other pods',
    all(chat(REDIS), redis),
    '[{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: db } } }] }]',
  ],
  [
    'pods of its own namespace only',
    all(chat(REDIS), redis),
    '[{ to: [{ podSelector: { matchLabels: { app: redis } } }] }]',
  ],
  ['UDP', all(chat(REDIS), redis), `[{ ${TO_REDIS}, ports: [{ protocol: UDP, port: 6379 }] }]`],
  ['another port name', all(chat(REDIS), redis), `[{ ${TO_REDIS}, ports: [{ port: http }] }]`],
  [
    'DNS and HTTPS, for a database outside',
    chat(set('DATABASE_URL', 'postgresql://u:p@db.example.com/app')),
    '[{ ports: [{ protocol: UDP, port: 53 }, { port: 443 }] }]',
  ],
  [
    'another address',
    chat(set('PGHOST', '10.0.0.5')),
    '[{ to: [{ ipBlock: { cidr: 10.0.1.0/24 } }], ports: [{ port: 5432 }] }]',
  ],
  [
    'another port of a Service that the input lacks',
    chat(REDIS),
    '[{ to: [{ namespaceSelector: {} }], ports: [{ port: 5432 }] }]',
  ],
  [
    'pods, for a host outside',
    chat(set('OPENAI_BASE_URL', 'https://api.openai.com/v1')),
    '[{ to: [{ namespaceSelector: {} }] }]',
  ],
])('fires where the policy opens %s', (_case, yaml, egress) => {
  expect(findingsOf(dependencyBlocked, all(yaml, policy(egress)))).toHaveLength(1);
});

test.each([
  ["the pods' port", all(chat(REDIS), redis), `[{ ${TO_REDIS}, ports: [{ port: 6379 }] }]`],
  ["the pods' port by its name", all(chat(REDIS), redis), `[{ ${TO_REDIS}, ports: [{ port: resp }] }]`],
  [
    'every port of the namespace',
    all(chat(REDIS), redis),
    '[{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: data } } }] }]',
  ],
  ['a range', all(chat(REDIS), redis), '[{ ports: [{ port: 6000, endPort: 7000 }] }]'],
  [
    'private addresses, in which pods may be',
    all(chat(REDIS), redis),
    '[{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }]',
  ],
  [
    'a label that somebody must have set',
    all(chat(REDIS), redis),
    '[{ to: [{ namespaceSelector: { matchLabels: { team: data } } }], ports: [{ port: 6379 }] }]',
  ],
  [
    'the port of a host outside',
    chat(set('DATABASE_URL', 'postgresql://u:p@db.example.com/app')),
    '[{ to: [{ ipBlock: { cidr: 10.0.0.0/16 } }], ports: [{ port: 5432 }] }]',
  ],
  [
    'the address',
    chat(set('PGHOST', '10.0.0.5')),
    '[{ to: [{ ipBlock: { cidr: 10.0.0.0/24 } }], ports: [{ port: 5432 }] }]',
  ],
  [
    'pods that are named like the Service, on the port that it may map to',
    chat(set('LLM_URL', 'http://vllm:80')),
    '[{ to: [{ podSelector: { matchLabels: { app: vllm } } }], ports: [{ port: 8000 }] }]',
  ],
])('says nothing where the policy opens %s', (_case, yaml, egress) => {
  expect(findingsOf(dependencyBlocked, all(yaml, policy(egress)))).toEqual([]);
});

test.each([
  ['no egress isolation', all(chat(REDIS), redis, policy('[]').replace('[Egress]', '[Ingress]'))],
  [
    'another policy that opens it',
    all(chat(REDIS), redis, policy('[]', 'deny'), policy(`[{ ${TO_REDIS} }]`)),
  ],
  ['its own address', all(chat(set('WEBUI_URL', 'http://chat.example.com')), policy('[]'))],
  [
    'the host of its own Ingress',
    all(
      chat(set('ROOT_URL', 'https://chat.example.com')),
      policy('[]'),
      'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, namespace: ai }\nspec: { rules: [{ host: chat.example.com, http: { paths: [{ path: /, backend: { service: { name: chat, port: { number: 80 } } } }] } }] }',
    ),
  ],
  ['a name of its own machine', all(chat(set('SCRAPE_URI', 'http://status.localhost:8080')), policy('[]'))],
  ['a container of its own pod', all(chat(set('REDIS_URL', 'redis://localhost:6379')), policy('[]'))],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(dependencyBlocked, yaml)).toEqual([]);
});
