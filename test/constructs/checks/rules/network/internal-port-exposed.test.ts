import { internalPortExposed } from '../../../../../constructs/checks/rules/network/internal-port-exposed';
import { findingsOf } from '../../../../support/check-rule';

const pods = (ports: string, image = 'app:1') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: chat }
spec:
  template:
    metadata: { labels: { app: chat } }
    spec: { containers: [{ name: app, image: "${image}", ports: ${ports} }] }
`;
const service = (type: string, ports: string, meta = '', more = '') => `
apiVersion: v1
kind: Service
metadata: { name: chat, ${meta} }
spec: { type: ${type}, selector: { app: chat }, ports: ${ports} ${more} }
`;
const ingress = (port: string, meta = '') => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, ${meta} }
spec:
  rules: [{ host: a.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: chat, port: ${port} } } }] } }]
`;
const all = (...parts: string[]) => parts.join('\n---\n');
const TWO = '[{ name: http, port: 80 }, { name: metrics, port: 9090 }]';

test.each(['LoadBalancer', 'NodePort'])('fires on a %s', (type) => {
  expect(findingsOf(internalPortExposed, service(type, TWO))).toMatchObject([
    {
      object: 'Service/chat',
      path: 'spec.ports[1]',
      severity: 'error',
      message: expect.stringMatching(new RegExp(`${type}.*9090 \\(metrics\\)`)),
    },
  ]);
});

test.each([
  ['by the name of the target', service('LoadBalancer', '[{ port: 80, targetPort: p2p }]')],
  ['by the number', service('LoadBalancer', '[{ name: http, port: 80 }, { name: x, port: 4001 }]')],
  [
    "by the number of the pods' port",
    all(
      pods('[{ containerPort: 8080 }, { containerPort: 9090 }]'),
      service('LoadBalancer', '[{ name: http, port: 80 }, { name: http2, port: 81, targetPort: 9090 }]'),
    ),
  ],
  [
    "by the name of the pods' port",
    all(
      pods('[{ name: http, containerPort: 8080 }, { name: admin, containerPort: 8100 }]'),
      service('NodePort', '[{ port: 80, targetPort: 8100 }]'),
    ),
  ],
  [
    'by what is known of the engine',
    all(
      pods('[{ containerPort: 8000 }, { containerPort: 8002 }]', 'nvcr.io/nvidia/tritonserver:25.10-py3'),
      service('NodePort', '[{ name: http, port: 8000 }, { name: other, port: 8002 }]'),
    ),
  ],
])('knows the port %s', (_case, yaml) => {
  expect(findingsOf(internalPortExposed, yaml)).toHaveLength(1);
});

test('fires on an Ingress and on an HTTPRoute', () => {
  const http =
    'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: route }\nspec: { rules: [{ backendRefs: [{ name: chat, port: 9090 }] }] }';
  expect(
    findingsOf(internalPortExposed, all(service('ClusterIP', TWO), ingress('{ name: metrics }'), http)),
  ).toMatchObject([
    { object: 'Ingress/web', path: 'spec.rules[0].http.paths[0].backend.service.port.name' },
    { object: 'HTTPRoute/route', path: 'spec.rules[0].backendRefs[0].port' },
  ]);
});

test.each([
  ['a Service inside the cluster', service('ClusterIP', TWO)],
  ['a headless Service', service('ClusterIP', TWO, '', ', clusterIP: None')],
  ['public ports', service('LoadBalancer', '[{ name: http, port: 80 }, { name: https, port: 443 }]')],
  [
    'a load balancer of the private network',
    service(
      'LoadBalancer',
      TWO,
      'annotations: { service.beta.kubernetes.io/aws-load-balancer-scheme: internal }',
    ),
  ],
  [
    'a load balancer for chosen addresses',
    service('LoadBalancer', TWO, '', ', loadBalancerSourceRanges: [10.0.0.0/8]'),
  ],
  [
    'a private Ingress',
    all(
      service('ClusterIP', TWO),
      ingress('{ name: metrics }', 'annotations: { alb.ingress.kubernetes.io/scheme: internal }'),
    ),
  ],
  ['an Ingress to the public port beside it', all(service('ClusterIP', TWO), ingress('{ name: http }'))],
  [
    'a program whose only port has such a number',
    all(
      pods('[{ name: http, containerPort: 9090 }]'),
      service('LoadBalancer', '[{ name: http, port: 80, targetPort: http }]'),
    ),
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(internalPortExposed, yaml)).toEqual([]);
});
