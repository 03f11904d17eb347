import { backendMissing } from '../../../../../constructs/checks/rules/network/backend-missing';
import { findingsOf } from '../../../../support/check-rule';

const service = (name = 'chat', more = '') => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: chat }, ports: [{ name: http, port: 8080, targetPort: 3000 }] ${more} }
`;
const ingress = (name: string, port: string, meta = '') => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, ${meta} }
spec:
  rules: [{ host: a.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: ${name}, port: ${port} } } }] } }]
`;
const route = (backend: string, matches = '[{}]') => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec: { rules: [{ matches: ${matches}, backendRefs: [${backend}] }] }
`;
const all = (...parts: string[]) => parts.join('\n---\n');

test('fires on a port that the Service does not have', () => {
  expect(findingsOf(backendMissing, all(service(), ingress('chat', '{ number: 80 }')))).toMatchObject([
    {
      object: 'Ingress/web',
      path: 'spec.rules[0].http.paths[0].backend.service.port.number',
      severity: 'error',
      message: expect.stringMatching(/port 80 of Service\/chat, which has 8080 \(http\)/),
    },
  ]);
});

const PATH = 'spec.rules[0].http.paths[0].backend.service';
test.each([
  ['a port name', all(service(), ingress('chat', '{ name: web }')), `${PATH}.port.name`],
  [
    "the pods' port in place of the Service's",
    all(service(), ingress('chat', '{ number: 3000 }')),
    `${PATH}.port.number`,
  ],
  ['a Service that is not there', all(service(), ingress('caht', '{ number: 8080 }')), `${PATH}.name`],
  [
    'a port, in an HTTPRoute, and once for two matches',
    all(service(), route('{ name: chat, port: 80 }', '[{ path: { value: /a } }, { path: { value: /b } }]')),
    'spec.rules[0].backendRefs[0].port',
  ],
  ['no port, in an HTTPRoute', all(service(), route('{ name: chat }')), 'spec.rules[0].backendRefs[0].port'],
  [
    'a Service, in an HTTPRoute',
    all(service(), route('{ name: web, port: 80 }')),
    'spec.rules[0].backendRefs[0].name',
  ],
  [
    'a Service, in an old Ingress',
    all(
      service(),
      'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: { name: web }\nspec: { backend: { serviceName: web, servicePort: 80 } }',
    ),
    'spec.backend.serviceName',
  ],
])('fires on %s', (_case, yaml, path) => {
  expect(findingsOf(backendMissing, yaml)).toMatchObject([{ path }]);
});

test.each([
  ['a port by number', all(service(), ingress('chat', '{ number: 8080 }'))],
  ['a port by name', all(service(), ingress('chat', '{ name: http }'))],
  ['a port as text', all(service(), ingress('chat', '{ number: "8080" }'))],
  ['an input without Services', ingress('chat', '{ number: 80 }')],
  [
    'an input with those of another namespace only',
    all(service(), ingress('chat', '{ number: 80 }', 'namespace: other')).replace(
      'name: chat }',
      'name: chat, namespace: ai }',
    ),
  ],
  ['an action of the AWS controller', all(service(), ingress('ssl-redirect', '{ name: use-annotation }'))],
  ['a login proxy of another release', all(service(), ingress('oauth2-proxy', '{ number: 4180 }'))],
  [
    'a Service that a controller makes',
    all(
      service(),
      ingress('llm-predictor', '{ number: 80 }'),
      'apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: { name: llm }',
    ),
  ],
  [
    'an external name, which needs no ports',
    all(
      service('chat', ', type: ExternalName, externalName: a.example.com'),
      ingress('chat', '{ number: 443 }'),
    ),
  ],
  [
    'an InferencePool',
    all(service(), route('{ group: inference.networking.k8s.io, kind: InferencePool, name: pool }')),
  ],
  [
    "the pods' port, in OpenShift's route",
    all(
      service(),
      'apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: { name: web }\nspec: { to: { kind: Service, name: chat }, port: { targetPort: 3000 } }',
    ),
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(backendMissing, yaml)).toEqual([]);
});
