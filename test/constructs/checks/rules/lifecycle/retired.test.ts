import { retiredAsOf } from '../../../../../constructs/checks/rules/lifecycle/retired';
import { findingsOf } from '../../../../support/check-rule';

const on = (day: string) => retiredAsOf(() => new Date(`${day}T12:00:00Z`));
const found = (yaml: string, day = '2026-11-21') =>
  findingsOf(on(day), yaml).map(({ object, path, severity }) => [object, path, severity]);
const deployment = (pod: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec: {template: {spec: {${pod}}}}`;
const image = (text: string) => found(deployment(`containers: [{name: c, image: "${text}"}]`));

test.each([
  ['policy/v1beta1', 'PodDisruptionBudget'],
  ['policy/v1beta1', 'PodSecurityPolicy'],
  ['autoscaling/v2beta1', 'HorizontalPodAutoscaler'],
  ['autoscaling/v2beta2', 'HorizontalPodAutoscaler'],
  ['batch/v1beta1', 'CronJob'],
  ['extensions/v1beta1', 'Ingress'],
  ['extensions/v1beta1', 'Deployment'],
  ['networking.k8s.io/v1beta1', 'Ingress'],
  ['rbac.authorization.k8s.io/v1beta1', 'ClusterRole'],
  ['apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition'],
  ['flowcontrol.apiserver.k8s.io/v1beta3', 'FlowSchema'],
  ['cert-manager.io/v1alpha2', 'Certificate'],
  ['traefik.containo.us/v1alpha1', 'IngressRoute'],
  ['appmesh.k8s.aws/v1beta2', 'Mesh'],
  ['external-secrets.io/v1beta1', 'ExternalSecret'],
  ['helm.toolkit.fluxcd.io/v2beta1', 'HelmRelease'],
  ['resource.k8s.io/v1alpha2', 'ResourceClaim'],
  ['gateway.networking.k8s.io/v1alpha2', 'HTTPRoute'],
])('%s %s is gone', (apiVersion, kind) => {
  expect(found(`{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: a}}`)).toEqual([
    [`${kind}/a`, 'apiVersion', 'error'],
  ]);
});

test.each([
  ['policy/v1', 'PodDisruptionBudget'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['networking.k8s.io/v1beta1', 'IPAddress'],
  ['coordination.k8s.io/v1beta1', 'LeaseCandidate'],
  ['storage.k8s.io/v1beta1', 'VolumeAttributesClass'],
  ['gateway.networking.k8s.io/v1beta1', 'ReferenceGrant'],
  ['gateway.networking.k8s.io/v1alpha2', 'TCPRoute'],
  ['keda.sh/v1alpha1', 'ScaledObject'],
  ['cert-manager.io/v1', 'Certificate'],
  ['external-secrets.io/v1', 'ExternalSecret'],
  ['external-secrets.io/v1alpha1', 'PushSecret'],
  ['helm.toolkit.fluxcd.io/v2', 'HelmRelease'],
])('%s %s is not', (apiVersion, kind) => {
  expect(found(`{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: a}}`)).toEqual([]);
});

test('a warning until the day, an error from it on; the message says when', () => {
  const mesh = '{apiVersion: appmesh.k8s.aws/v1beta2, kind: Mesh, metadata: {name: a}}';
  expect(findingsOf(on('2026-09-29'), mesh)).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('will be retired: on 2026-09-30') },
  ]);
  expect(findingsOf(on('2026-09-30'), mesh)).toMatchObject([
    { severity: 'error', message: expect.stringContaining('since 2026-09-30') },
  ]);
});

test('volumes whose code is no longer in Kubernetes', () => {
  expect(
    found(
      deployment(
        'containers: [], volumes: [{name: a, emptyDir: {}}, {name: v, awsElasticBlockStore: {volumeID: x}}]',
      ),
    ),
  ).toEqual([['Deployment/chat', 'spec.template.spec.volumes[1].awsElasticBlockStore', 'error']]);
  expect(
    found(
      '{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}, spec: {gcePersistentDisk: {pdName: x}}}',
    ),
  ).toEqual([['PersistentVolume/a', 'spec.gcePersistentDisk', 'error']]);
  expect(
    found(
      '{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}, spec: {csi: {driver: ebs.csi.aws.com}}}',
    ),
  ).toEqual([]);
  expect(found(deployment('containers: [], volumes: [{name: v, nfs: {server: a, path: /}}]'))).toEqual([]);
});

test('in-tree provisioners; the class gp2 itself is alive', () => {
  const storageClass = (provisioner: string) =>
    `{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: gp2}, provisioner: ${provisioner}, parameters: {type: gp2}}`;
  expect(found(storageClass('kubernetes.io/aws-ebs'))).toEqual([
    ['StorageClass/gp2', 'provisioner', 'error'],
  ]);
  expect(found(storageClass('ebs.csi.aws.com'))).toEqual([]);
  expect(found(storageClass('kubernetes.io/no-provisioner'))).toEqual([]);
});

test.each([
  'k8s.gcr.io/pause:3.5',
  'eu.k8s.gcr.io/pause:3.5',
  'bitnami/postgresql:16.1.0',
  'docker.io/bitnami/redis:7.2@sha256:abc',
  'registry-1.docker.io/bitnami/redis:7.2',
  'registry.k8s.io/ingress-nginx/controller:v1.12.0',
  'gcr.io/kubebuilder/kube-rbac-proxy:v0.13.1',
  'grafana/promtail:3.0.0',
])('the image %s is gone', (text) => {
  expect(image(text)).toEqual([['Deployment/chat', 'spec.template.spec.containers[0].image', 'error']]);
});

test.each([
  'registry.k8s.io/pause:3.10',
  'bitnami/redis:latest',
  'bitnami/redis',
  'harbor.example.com/bitnami/redis:7.2',
  'bitnamisecure/redis:latest',
  'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.5.0',
  'grafana/grafana:12.0.0',
  'gcr.io/distroless/static:nonroot',
])('the image %s is not', (text) => {
  expect(image(text)).toEqual([]);
});

test('the archive of Bitnami still answers: a warning', () => {
  expect(image('docker.io/bitnamilegacy/redis:7.2')).toMatchObject([
    [expect.anything(), expect.anything(), 'warning'],
  ]);
});

const ingress = (className: string, annotations = '{}') => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, annotations: ${annotations}}
spec: {${className}}`;
const ingressClass = (controller: string) => `
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: ${controller}}`;

test('ingress-nginx by its class, its annotations, its controller', () => {
  expect(found(ingress('ingressClassName: nginx'))).toEqual([
    ['Ingress/i', 'spec.ingressClassName', 'error'],
  ]);
  expect(found(ingress('', '{kubernetes.io/ingress.class: nginx}'))).toEqual([
    ['Ingress/i', 'metadata.annotations["kubernetes.io/ingress.class"]', 'error'],
  ]);
  expect(
    found(ingress('ingressClassName: public', '{nginx.ingress.kubernetes.io/affinity: cookie}')),
  ).toEqual([['Ingress/i', 'metadata.annotations["nginx.ingress.kubernetes.io/affinity"]', 'error']]);
  expect(found(ingress('ingressClassName: nginx') + ingressClass('k8s.io/ingress-nginx'))).toEqual([
    ['Ingress/i', 'spec.ingressClassName', 'error'],
    ['IngressClass/nginx', 'spec.controller', 'error'],
  ]);
  expect(found(ingress('ingressClassName: nginx'), '2026-02-01')).toMatchObject([
    [expect.anything(), expect.anything(), 'warning'],
  ]);
});

test('other controllers, whatever their class is called and whatever a chart left on them', () => {
  expect(found(ingress('ingressClassName: nginx') + ingressClass('nginx.org/ingress-controller'))).toEqual(
    [],
  );
  expect(found(ingress('ingressClassName: nginx', '{nginx.org/websocket-services: chat}'))).toEqual([]);
  expect(
    found(ingress('ingressClassName: alb', '{nginx.ingress.kubernetes.io/proxy-body-size: 1m}')),
  ).toEqual([]);
  expect(found(ingress('ingressClassName: traefik'))).toEqual([]);
  expect(found(ingress(''))).toEqual([]);
});

test('AKS application routing until the end of November 2026', () => {
  expect(found(ingress('ingressClassName: webapprouting.kubernetes.azure.com'))).toEqual([
    ['Ingress/i', 'spec.ingressClassName', 'warning'],
  ]);
  expect(found(ingress('ingressClassName: webapprouting.kubernetes.azure.com'), '2026-12-01')).toMatchObject([
    [expect.anything(), expect.anything(), 'error'],
  ]);
});

const env = (...pairs: (readonly [string, string])[]) =>
  deployment(
    `containers: [{name: c, env: [${pairs.map(([name, value]) => `{name: ${name}, value: "${value}"}`).join(', ')}]}]`,
  );

test('hosts of Azure services', () => {
  const path = 'spec.template.spec.containers[0].env[0].value';
  expect(found(env(['REDIS_HOST', 'chat.redis.cache.windows.net']))).toEqual([
    ['Deployment/chat', path, 'warning'],
  ]);
  expect(found(env(['REDIS_HOST', 'chat.redis.cache.windows.net']), '2028-10-01')).toEqual([
    ['Deployment/chat', path, 'error'],
  ]);
  expect(found(env(['REDIS_HOST', 'chat.eu.redis.azure.net']))).toEqual([]);
  expect(found(env(['DB_HOST', 'chat.mariadb.database.azure.com']))).toEqual([
    ['Deployment/chat', path, 'error'],
  ]);
});

test('Single Server is told from Flexible Server by its users', () => {
  const path = 'spec.template.spec.containers[0].env[0].value';
  expect(
    found(env(['DATABASE_URL', 'postgresql://app%40chat:$(PW)@chat.postgres.database.azure.com/app'])),
  ).toEqual([['Deployment/chat', path, 'error']]);
  expect(found(env(['DB_HOST', 'chat.postgres.database.azure.com'], ['DB_USER', 'app@chat']))).toEqual([
    ['Deployment/chat', path, 'error'],
  ]);
  expect(found(env(['DB_HOST', 'chat.postgres.database.azure.com'], ['DB_USER', 'app']))).toEqual([]);
  expect(found(env(['DATABASE_URL', 'postgresql://app:$(PW)@chat.postgres.database.azure.com/app']))).toEqual(
    [],
  );
  expect(found(env(['DB_HOST', 'chat.postgres.database.azure.com'], ['DB_USER', 'app@example.com']))).toEqual(
    [],
  );
});

test('a host in a ConfigMap, an ExternalName and a Secret', () => {
  const yaml = `
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {app.yaml: "host: chat.redis.cache.windows.net"}}
---
{apiVersion: v1, kind: Service, metadata: {name: b}, spec: {type: ExternalName, externalName: chat.redis.cache.windows.net}}
---
{apiVersion: v1, kind: Secret, metadata: {name: c}, data: {url: ${Buffer.from('rediss://:hunter2@chat.redis.cache.windows.net:6380').toString('base64')}}}`;
  const findings = findingsOf(on('2026-11-21'), yaml);
  expect(findings.map(({ object, path }) => [object, path])).toEqual([
    ['ConfigMap/a', 'data["app.yaml"]'],
    ['Service/b', 'spec.externalName'],
    ['Secret/c', 'data.url'],
  ]);
  expect(JSON.stringify(findings)).not.toContain('hunter2');
});

test('Helm stable, the socket of Docker, annotations that nothing reads', () => {
  const application =
    '{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a}, spec: {source: {repoURL: "https://charts.helm.sh/stable"}}}';
  expect(found(application)).toEqual([['Application/a', 'spec.source.repoURL', 'error']]);
  expect(
    found(deployment('containers: [], volumes: [{name: d, hostPath: {path: /var/run/docker.sock}}]')),
  ).toEqual([['Deployment/chat', 'spec.template.spec.volumes[0].hostPath.path', 'error']]);
  expect(
    found(
      deployment('containers: [], volumes: [{name: d, hostPath: {path: /run/containerd/containerd.sock}}]'),
    ),
  ).toEqual([]);
  expect(
    found(
      '{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {seccomp.security.alpha.kubernetes.io/pod: runtime/default}}, spec: {containers: []}}',
    ),
  ).toEqual([['Pod/p', 'metadata.annotations["seccomp.security.alpha.kubernetes.io/pod"]', 'error']]);
});

test('an autoscaler whose target is of an API that is gone', () => {
  const hpa =
    '{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {scaleTargetRef: {apiVersion: extensions/v1beta1, kind: Deployment, name: a}}}';
  expect(found(hpa)).toEqual([['HorizontalPodAutoscaler/h', 'spec.scaleTargetRef.apiVersion', 'error']]);
});
