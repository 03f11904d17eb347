import { InferenceDeployment, type InferenceDeploymentProps } from '../../../../constructs/kubernetes';
import { chart, node } from '../fixtures';

function make(props: Partial<InferenceDeploymentProps> = {}) {
  return new InferenceDeployment(chart(), 'inference', { ...node, role: 'gateway', ...props });
}

const specOf = (made: InferenceDeployment) => made.deployment.toJson().spec;

test('a gateway is the Service that clients know, and never falls below its number in an update', () => {
  const gateway = make();
  expect(gateway.deployment.name).toBe('chat-gateway');
  expect(gateway.service?.name).toBe('chat');
  expect(gateway.service?.toJson().spec.selector).toMatchObject({ 'app.kubernetes.io/component': 'gateway' });
  expect(specOf(gateway)).toMatchObject({
    replicas: 3,
    strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  });
});

test('a gateway has no models: no claim, nothing to fetch, nothing to wait for', () => {
  const { template } = specOf(make());
  expect(template.spec).not.toHaveProperty('initContainers');
  expect(template.spec.volumes.map(({ name }: { name: string }) => name)).not.toContain('models');
  expect(template.metadata.annotations).not.toHaveProperty('polypod.dev/model-bytes');
  const { startupProbe } = template.spec.containers[0];
  expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(120);
});

test('pods that an update is about to remove do not count in the spread', () => {
  expect(specOf(make()).template.spec.topologySpreadConstraints[0].matchLabelKeys).toEqual([
    'pod-template-hash',
  ]);
});

test('a controller has no Service for clients, and roles share one for peers', () => {
  const gateway = make();
  const controller = make({ role: 'controller', replicas: 2, peerService: gateway.peerService });
  expect(controller.service).toBeUndefined();
  expect(controller.peers).toBeUndefined();
  expect(specOf(controller).template.metadata.labels).toMatchObject(gateway.peers?.toJson().spec.selector);
});
