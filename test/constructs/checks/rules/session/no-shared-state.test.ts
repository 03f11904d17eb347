import { noSharedState } from '../../../../../constructs/checks/rules/session/no-shared-state';
import { findingsOf } from '../../../../support/check-rule';

const pods = (container: string, { replicas = 2, annotations = '{}' } = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: chat }
spec:
  replicas: ${replicas}
  template:
    metadata: { labels: { app: chat }, annotations: ${annotations} }
    spec: { containers: [{ name: chat, ${container} }] }
`;
const WEBUI = 'image: "ghcr.io/open-webui/open-webui:0.6.33"';
const env = (name: string, value = 'x') => `env: [{ name: ${name}, value: "${value}" }]`;
const service = (more = '', annotations = '{}') => `
apiVersion: v1
kind: Service
metadata: { name: chat, annotations: ${annotations} }
spec: { selector: { app: chat }, ports: [{ port: 80 }] ${more} }
`;
const ingress = (annotations: string) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, annotations: ${annotations} }
spec: { defaultBackend: { service: { name: chat, port: { number: 80 } } } }
`;
const DECLARED = '{ polypod.dev/sessions: "true" }';
const all = (...parts: string[]) => parts.join('\n---\n');

test('fires on a known application without a shared cache', () => {
  expect(findingsOf(noSharedState, all(pods(WEBUI), service()))).toMatchObject([
    {
      object: 'Deployment/chat',
      path: 'spec.template.spec.containers[0].env',
      severity: 'error',
      message: expect.stringMatching(/Service\/chat spreads requests over 2 replicas/),
      fix: expect.stringContaining('WEBSOCKET_REDIS_URL'),
    },
  ]);
});

test('fires when only an autoscaler makes several replicas', () => {
  const hpa =
    'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: scale }\nspec: { maxReplicas: 5, scaleTargetRef: { kind: Deployment, name: chat } }';
  expect(findingsOf(noSharedState, all(pods(WEBUI, { replicas: 1 }), service(), hpa))).toMatchObject([
    { message: expect.stringContaining('up to 5 replicas') },
  ]);
});

test('fires on a workload that says it holds sessions', () => {
  expect(
    findingsOf(noSharedState, all(pods('image: "app:1"', { annotations: DECLARED }), service())),
  ).toHaveLength(1);
});

test('an empty setting is none', () => {
  expect(findingsOf(noSharedState, all(pods(`${WEBUI}, ${env('REDIS_URL', '')}`), service()))).toHaveLength(
    1,
  );
});

test.each([
  ['one replica', all(pods(WEBUI, { replicas: 1 }), service())],
  ['no Service', pods(WEBUI)],
  ['a shared cache', all(pods(`${WEBUI}, ${env('WEBSOCKET_REDIS_URL', 'redis://redis:6379')}`), service())],
  [
    'a shared cache from a Secret',
    all(
      pods(`${WEBUI}, env: [{ name: REDIS_URL, valueFrom: { secretKeyRef: { name: r, key: url } } }]`),
      service(),
    ),
  ],
  [
    'a Secret that may set one',
    all(pods(`${WEBUI}, envFrom: [{ secretRef: { name: settings } }]`), service()),
  ],
  ['an unknown application', all(pods('image: "app:1"'), service())],
  [
    'a declared one with a cache',
    all(
      pods(`image: "app:1", ${env('SESSION_STORE', 'redis://redis:6379')}`, { annotations: DECLARED }),
      service(),
    ),
  ],
  [
    'one declared to hold none',
    all(pods(WEBUI, { annotations: '{ polypod.dev/sessions: "false" }' }), service()),
  ],
  ['affinity of the Service', all(pods(WEBUI), service(', sessionAffinity: ClientIP'))],
  [
    'affinity of an nginx Ingress',
    all(pods(WEBUI), service(), ingress('{ nginx.ingress.kubernetes.io/affinity: cookie }')),
  ],
  [
    'affinity of an ALB',
    all(
      pods(WEBUI),
      service(),
      ingress(
        '{ alb.ingress.kubernetes.io/target-group-attributes: "stickiness.enabled=true,stickiness.type=lb_cookie" }',
      ),
    ),
  ],
  [
    'affinity of Traefik',
    all(pods(WEBUI), service('', '{ traefik.ingress.kubernetes.io/service.sticky.cookie: "true" }')),
  ],
  [
    'affinity of an HTTPRoute',
    all(
      pods(WEBUI),
      service(),
      'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: web }\nspec: { rules: [{ backendRefs: [{ name: chat, port: 80 }], sessionPersistence: { sessionName: s } }] }',
    ),
  ],
  [
    "affinity of a Gateway's policy",
    all(
      pods(WEBUI),
      service(),
      'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: web }\nspec: { parentRefs: [{ name: public }], rules: [{ backendRefs: [{ name: chat, port: 80 }] }] }',
      'apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: BackendTrafficPolicy\nmetadata: { name: p }\nspec: { targetRefs: [{ kind: Gateway, name: public }], loadBalancer: { type: ConsistentHash, consistentHash: { type: Cookie } } }',
    ),
  ],
  [
    'affinity of a DestinationRule',
    all(
      pods(WEBUI),
      service(),
      'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: p }\nspec: { host: chat.default.svc.cluster.local, trafficPolicy: { loadBalancer: { consistentHash: { httpCookie: { name: s, ttl: 0s } } } } }',
    ),
  ],
  [
    'affinity of a BackendConfig',
    all(
      pods(WEBUI),
      service('', `{ cloud.google.com/backend-config: '{"default": "sticky"}' }`),
      'apiVersion: cloud.google.com/v1\nkind: BackendConfig\nmetadata: { name: sticky }\nspec: { sessionAffinity: { affinityType: GENERATED_COOKIE } }',
    ),
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(noSharedState, yaml)).toEqual([]);
});

test.each([
  ['an Ingress without it', ingress('{ nginx.ingress.kubernetes.io/affinity-mode: persistent }')],
  [
    'an ALB that turns it off',
    ingress('{ alb.ingress.kubernetes.io/target-group-attributes: stickiness.enabled=false }'),
  ],
])('fires on %s', (_case, yaml) => {
  expect(findingsOf(noSharedState, all(pods(WEBUI), service(), yaml))).toHaveLength(1);
});
