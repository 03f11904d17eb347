import { blockHolds, blockMayHoldPods, policyRules } from '../../../../constructs/checks/model/policy-rule';
import { labelSelector, maySelect } from '../../../../constructs/checks/model/selector';
import { modelOf } from '../../../support/check-rule';

test.each([
  ['10.0.0.0/8', [], '10.1.2.3', true],
  ['10.0.0.0/8', ['10.1.0.0/16'], '10.1.2.3', false],
  ['10.0.0.7', [], '10.0.0.7', true],
  ['fd00::/8', [], 'fd12::1', true],
  ['10.0.0.0/8', [], 'fd12::1', false],
  ['10.0.0.0/99', [], '10.1.2.3', false],
  ['nonsense', [], '10.1.2.3', false],
])('%s without %j holds %s: %s', (cidr, except, address, expected) => {
  expect(blockHolds({ cidr, except }, address)).toBe(expected);
});

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
test.each([
  ['0.0.0.0/0', [], true],
  ['0.0.0.0/0', ['169.254.169.254/32'], true],
  ['0.0.0.0/0', PRIVATE, false],
  ['0.0.0.0/0', PRIVATE.slice(1), true],
  ['10.0.0.0/16', [], true],
  ['10.0.0.0/16', ['10.0.0.0/8'], false],
  ['10.0.5.9/32', [], false],
  ['52.0.0.0/8', [], false],
  ['100.64.0.0/16', [], true],
  ['::/0', [], true],
])('pods may have addresses in %s without %j: %s', (cidr, except, expected) => {
  expect(blockMayHoldPods({ cidr, except })).toBe(expected);
});

test('reads the rules of a policy with their paths', () => {
  const [policy] = modelOf(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: chat }
spec:
  podSelector: {}
  egress:
    - to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: db } } }, { ipBlock: { cidr: 10.0.0.0/8 } }]
      ports: [{ port: "5432" }, { protocol: UDP, port: dns }, { port: 8000, endPort: 8010 }]
    - {}
`).networkPolicies;
  expect(policy && policyRules(policy.object, 'egress')).toMatchObject([
    {
      path: 'spec.egress[0]',
      peers: [
        { path: 'spec.egress[0].to[0]', namespaceSelector: { requirements: [] }, ipBlock: undefined },
        { path: 'spec.egress[0].to[1]', ipBlock: { cidr: '10.0.0.0/8', except: [] } },
      ],
      ports: [
        { protocol: 'TCP', port: 5432 },
        { protocol: 'UDP', port: 'dns' },
        { port: 8000, endPort: 8010 },
      ],
    },
    { path: 'spec.egress[1]', peers: [], ports: [] },
  ]);
});

test('what is not known of labels may be met', () => {
  const selector = labelSelector({ matchLabels: { app: 'db', tier: 'data' } });
  expect(maySelect(selector, { app: 'db' }, false)).toBe(true);
  expect(maySelect(selector, { app: 'db' }, true)).toBe(false);
  expect(maySelect(selector, { app: 'web' }, false)).toBe(false);
});
