import { probesIdentical } from '../../../../../constructs/checks/rules/rollout/probes-identical';
import { findingsOf } from '../../../../support/check-rule';

const check = (liveness: string, readiness: string, list = 'containers') =>
  findingsOf(
    probesIdentical,
    `
apiVersion: apps/v1
kind: Deployment
metadata: { name: chat }
spec:
  template:
    spec:
      ${list === 'containers' ? '' : 'containers: []'}
      ${list}:
        - name: a
          image: a:1
          restartPolicy: Always
          ports: [{ name: http, containerPort: 8080 }]
          livenessProbe: { ${liveness} }
          readinessProbe: { ${readiness} }
`,
  );
const http = (port: string | number, path = '/health') => `httpGet: { path: ${path}, port: ${port} }`;

test('fires on the same question at the same pace', () => {
  expect(check(http(8080), http(8080))).toEqual([
    expect.objectContaining({
      object: 'Deployment/chat',
      path: 'spec.template.spec.containers[0].livenessProbe',
      severity: 'error',
      message: expect.stringContaining('waits 30 s where readiness waits 30 s'),
    }),
  ]);
});

test.each([
  ['a named port and its number', http('http'), http(8080)],
  ['a port as text', http("'8080'"), http(8080)],
  ['a path of / that is not written', 'httpGet: { port: 8080 }', http(8080, '/')],
  ['commands', 'exec: { command: [cat, /ok] }', 'exec: { command: [cat, /ok] }'],
  ['sockets', 'tcpSocket: { port: http }', 'tcpSocket: { port: 8080 }'],
  ['gRPC', 'grpc: { port: 9000 }', 'grpc: { port: 9000 }'],
  ['liveness only a little more patient', `${http(8080)}, failureThreshold: 5`, http(8080)],
  ['a later start, which is no patience', `${http(8080)}, initialDelaySeconds: 600`, http(8080)],
])('fires on %s', (_case, liveness, readiness) => {
  expect(check(liveness, readiness)).toHaveLength(1);
});

test('fires on sidecars', () => {
  expect(check(http(8080), http(8080), 'initContainers')[0]?.path).toBe(
    'spec.template.spec.initContainers[0].livenessProbe',
  );
});

test.each([
  ['twice the patience, by failures', `${http(8080)}, failureThreshold: 6`, http(8080)],
  ['twice the patience, by periods', http(8080), `${http(8080)}, periodSeconds: 5`],
  ['another path', http(8080, '/live'), http(8080, '/ready')],
  ['another port', http(8080), http(9090)],
  ['another scheme', 'httpGet: { path: /health, port: 8080, scheme: HTTPS }', http(8080)],
  ['another command', 'exec: { command: [cat, /a] }', 'exec: { command: [cat, /b] }'],
  ['a socket and a path', 'tcpSocket: { port: 8080 }', http(8080)],
  ['probes that ask nothing', '', ''],
])('says nothing of %s', (_case, liveness, readiness) => {
  expect(check(liveness, readiness)).toEqual([]);
});
