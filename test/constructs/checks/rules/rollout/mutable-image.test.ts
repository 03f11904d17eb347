import { mutableImage } from '../../../../../constructs/checks/rules/rollout/mutable-image';
import { placeholderText } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const deployment = (image: string, policy = '', metadata = 'name: chat', list = 'containers') => `
apiVersion: apps/v1
kind: Deployment
metadata: { ${metadata} }
spec: { template: { spec: { ${list === 'containers' ? '' : 'containers: [],'} ${list}: [{ name: a, image: '${image}'${policy && `, imagePullPolicy: ${policy}`} }] } } }
`;
const check = (...parameters: Parameters<typeof deployment>) =>
  findingsOf(mutableImage, deployment(...parameters));

test.each([
  ['redis', '', 'no tag'],
  ['registry.example:5000/team/app', '', 'no tag'],
  ['redis:latest', '', 'latest'],
  ['redis:latest', 'Always', 'latest'],
  ['ghcr.io/open-webui/open-webui:main', '', 'main with IfNotPresent'],
  ['app:stable', 'IfNotPresent', 'stable'],
])('fires on %s %s', (image, policy, message) => {
  expect(check(image, policy)).toEqual([
    expect.objectContaining({
      object: 'Deployment/chat',
      path: 'spec.template.spec.containers[0].image',
      severity: 'warning',
      message: expect.stringContaining(message),
    }),
  ]);
});

test.each([
  ['redis:7', ''],
  ['redis:7-alpine', 'IfNotPresent'],
  ['registry.example:5000/app:v1.2.3', ''],
  [`redis@${DIGEST}`, ''],
  [`redis:latest@${DIGEST}`, ''],
  ['app:main', 'Always'],
  ['app:dev', 'Never'],
  [`app:${placeholderText(1)}`, ''],
  [placeholderText(1), ''],
  ['{{ .Values.image }}', ''],
  [`app:\${TAG}`, ''],
  ['auto', ''],
  ['IMAGE_NAME', ''],
  ['ko://example.com/cmd/app', ''],
  ['', ''],
])('says nothing of %s %s', (image, policy) => {
  expect(check(image, policy)).toEqual([]);
});

test('images of init containers and of hooks count, too', () => {
  expect(check('busybox', '', 'name: chat', 'initContainers')[0]?.path).toBe(
    'spec.template.spec.initContainers[0].image',
  );
  expect(check('busybox', '', 'name: chat, annotations: { helm.sh/hook: test }')).toHaveLength(1);
});

test('each container is a finding of its own', () => {
  const job = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: job }
spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: a, image: a }, { name: b, image: 'b:1' }, { name: c, image: c }] } } } } }
`;
  expect(findingsOf(mutableImage, job).map(({ path }) => path)).toEqual([
    'spec.jobTemplate.spec.template.spec.containers[0].image',
    'spec.jobTemplate.spec.template.spec.containers[2].image',
  ]);
});
