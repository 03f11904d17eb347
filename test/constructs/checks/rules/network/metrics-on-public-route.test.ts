import { metricsOnPublicRoute } from '../../../../../constructs/checks/rules/network/metrics-on-public-route';
import { findingsOf } from '../../../../support/check-rule';

const pods = (container: string, annotations = '{}') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: llm }
spec:
  template:
    metadata: { labels: { app: llm }, annotations: ${annotations} }
    spec: { containers: [{ name: llm, ${container} }] }
`;
const VLLM = 'image: "vllm/vllm-openai:v0.11.0", ports: [{ name: http, containerPort: 8000 }]';
const service = (target: string | number = 'http') => `
apiVersion: v1
kind: Service
metadata: { name: llm, labels: { app: llm } }
spec: { selector: { app: llm }, ports: [{ name: api, port: 80, targetPort: ${target} }] }
`;
const ingress = (paths: string, meta = '') => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, ${meta} }
spec: { rules: [{ host: a.example.com, http: { paths: [${paths}] } }] }
`;
const path = (urlPath: string, type = 'Prefix', name = 'llm') =>
  `{ path: "${urlPath}", pathType: ${type}, backend: { service: { name: ${name}, port: { number: 80 } } } }`;
const route = (rules: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec: { rules: [${rules}] }
`;
const LLM = 'backendRefs: [{ name: llm, port: 80 }]';
const all = (...parts: string[]) => parts.join('\n---\n');

test('fires on a route that opens everything of vLLM', () => {
  expect(findingsOf(metricsOnPublicRoute, all(pods(VLLM), service(), ingress(path('/'))))).toMatchObject([
    {
      object: 'Ingress/web',
      path: 'spec.rules[0].http.paths[0].path',
      severity: 'warning',
      message: expect.stringMatching(/every path of port 80 of Service\/llm, and vLLM .*\/metrics/),
    },
  ]);
});

const OTHER = 'image: "app:1", ports: [{ name: http, containerPort: 8080 }]';
test.each([
  ['an HTTPRoute without matches', all(pods(VLLM), service(), route(`{ ${LLM} }`))],
  ['the path of the metrics itself', all(pods(VLLM), service(), ingress(path('/metrics', 'Exact')))],
  [
    'a pattern that matches all',
    all(pods(VLLM), service(), ingress(path('/(.*)', 'ImplementationSpecific'))),
  ],
  [
    'another port that vLLM is told',
    all(pods('image: "vllm/vllm-openai:v0.11.0", args: [--port, "9000"]'), service(9000), ingress(path('/'))),
  ],
  [
    'llama.cpp that is told to',
    all(
      pods('image: "ghcr.io/ggml-org/llama.cpp:server", args: [--metrics]'),
      service(8080),
      ingress(path('/')),
    ),
  ],
  [
    'pods that say so by annotation',
    all(
      pods(OTHER, '{ prometheus.io/scrape: "true", prometheus.io/port: "8080" }'),
      service(),
      ingress(path('/')),
    ),
  ],
  [
    'what a ServiceMonitor scrapes',
    all(
      pods(OTHER),
      service(),
      ingress(path('/')),
      'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: { name: llm }\nspec: { selector: { matchLabels: { app: llm } }, endpoints: [{ port: api }] }',
    ),
  ],
])('fires on %s', (_case, yaml) => {
  expect(findingsOf(metricsOnPublicRoute, yaml)).toHaveLength(1);
});

test.each([
  ['a route for the API alone', all(pods(VLLM), service(), ingress(path('/v1')))],
  ['exactly the first page', all(pods(VLLM), service(), ingress(path('/', 'Exact')))],
  [
    'metrics that another path takes away',
    all(pods(VLLM), service(), ingress(`${path('/')}, ${path('/metrics', 'Prefix', 'nobody')}`)),
  ],
  [
    'metrics that the route answers by itself',
    all(
      pods(VLLM),
      service(),
      route(
        `{ ${LLM} }, { matches: [{ path: { type: PathPrefix, value: /metrics } }], filters: [{ type: RequestRedirect }] }`,
      ),
    ),
  ],
  [
    'an Ingress that denies them',
    all(
      pods(VLLM),
      service(),
      ingress(
        path('/'),
        'annotations: { nginx.ingress.kubernetes.io/server-snippet: "location /metrics { deny all; }" }',
      ),
    ),
  ],
  [
    'a private Ingress',
    all(
      pods(VLLM),
      service(),
      ingress(path('/'), 'annotations: { alb.ingress.kubernetes.io/scheme: internal }'),
    ),
  ],
  [
    'llama.cpp without metrics',
    all(pods('image: "ghcr.io/ggml-org/llama.cpp:server"'), service(8080), ingress(path('/'))),
  ],
  [
    'a port that serves none',
    all(
      pods(OTHER, '{ prometheus.io/scrape: "true", prometheus.io/port: "9090" }'),
      service(),
      ingress(path('/')),
    ),
  ],
  [
    'an engine whose metrics have a port of their own',
    all(pods('image: "ghcr.io/huggingface/text-embeddings-inference:1.8"'), service(80), ingress(path('/'))),
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(metricsOnPublicRoute, yaml)).toEqual([]);
});
