import { headlessServiceMissing } from '../../../../../constructs/checks/rules/rollout/headless-service-missing';
import { placeholderText } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const set = (serviceName: string) => `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: chat, namespace: chat }
spec: { ${serviceName} template: { metadata: { labels: { app: chat } }, spec: { containers: [{ name: a, image: a:1 }] } } }
`;
const service = (name: string, spec: string, namespace = 'chat') => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ${spec} ports: [{ port: 80 }] }
`;
const ours = 'selector: { app: chat },';
const headless = `clusterIP: None, ${ours}`;
const check = (...parts: string[]) => findingsOf(headlessServiceMissing, parts.join('\n---\n'));

test.each([
  ['no serviceName', set(''), service('peers', headless), 'No serviceName'],
  ['an empty one', set('serviceName: "",'), service('peers', headless), 'No serviceName'],
  [
    'a Service that is not there',
    set('serviceName: peer,'),
    service('peers', headless),
    'There is no Service peer',
  ],
  [
    'a Service of another namespace',
    set('serviceName: peers,'),
    service('peers', headless, 'web'),
    'There is no Service peers in namespace chat',
  ],
  ['a Service with an IP', set('serviceName: api,'), service('api', ours), 'has a cluster IP'],
  [
    'a Service of other pods',
    set('serviceName: peers,'),
    service('peers', 'clusterIP: None, selector: { app: web },'),
    'does not select them',
  ],
  [
    'a Service of no pods',
    set('serviceName: peers,'),
    service('peers', 'clusterIP: None,'),
    'does not select them',
  ],
])('fires on %s', (_case, statefulSet, other, message) => {
  expect(check(statefulSet, other)).toEqual([
    expect.objectContaining({
      object: 'StatefulSet/chat',
      path: 'spec.serviceName',
      severity: 'error',
      message: expect.stringContaining(message),
    }),
  ]);
});

test('names the headless Service that these pods have', () => {
  expect(check(set('serviceName: api,'), service('api', ours), service('peers', headless))[0]?.fix).toContain(
    'serviceName: peers',
  );
});

test.each([
  ['a headless Service of its pods', set('serviceName: peers,')],
  ['a name that a cloud has yet to say', set(`serviceName: '${placeholderText(1)}',`)],
  ['a Deployment', set('').replace('kind: StatefulSet', 'kind: Deployment')],
])('says nothing of %s', (_case, workload) => {
  expect(check(workload, service('peers', headless))).toEqual([]);
});
