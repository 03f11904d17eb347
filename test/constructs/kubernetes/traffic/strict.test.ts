import { App, Chart } from 'cdk8s';
import type { TrafficProvider } from '../../../../constructs/kubernetes/traffic/props';
import { Traffic, type TrafficProps } from '../../../../constructs/kubernetes/traffic/traffic';
import { manifestsOf, strictFaults } from '../../../support/strict-validation';

const tls = { secretName: 'tls', clusterIssuer: 'letsencrypt' };
const azure = { resourceId: '/subscriptions/a', frontend: 'public' };
const forms: [TrafficProvider, Partial<TrafficProps>?][] = [
  [{ type: 'gateway-api', tls }],
  [
    { type: 'gateway-api', tls },
    { affinity: { by: 'header', name: 'X-User' }, timeouts: { requestSeconds: 0 } },
  ],
  [
    { type: 'gateway-api', gateway: { name: 'public', namespace: 'edge', sectionName: 'https' } },
    { affinity: { by: 'off' } },
  ],
  [{ type: 'aws-alb', tls: 'discover' }],
  [{ type: 'gke', tls: { certificateMap: 'chat' } }],
  [{ type: 'gke', tls }, { affinity: { by: 'off' } }],
  [{ type: 'azure-agc', tls, applicationLoadBalancer: azure }],
  [{ type: 'nginx-ingress', tls, reason: 'moves in spring' }],
];

test('every object is what its schema says', () => {
  const chart = new Chart(new App(), 'test', { namespace: 'llm' });
  for (const [index, [provider, props]] of forms.entries()) {
    new Traffic(chart, `form-${index}`, {
      name: `chat-${index}`,
      identity: { application: 'polypod-runtime', instance: 'chat', component: 'gateway' },
      hosts: ['chat.example.com', '*.example.org'],
      backend: { service: 'chat', port: 8080 },
      provider,
      ...props,
    });
  }
  const manifests = manifestsOf(chart);
  expect(manifests.length).toBeGreaterThan(20);
  expect(strictFaults(manifests)).toEqual([]);
});
