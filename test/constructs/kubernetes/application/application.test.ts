import { App, Chart } from 'cdk8s';
import { InvalidInputError } from '../../../../constructs/contracts';
import { Application, type ApplicationProps } from '../../../../constructs/kubernetes';
import { manifestsOf, strictFaults } from '../../../support/strict-validation';

const PROPS: ApplicationProps = {
  name: 'notes',
  identity: { application: 'notes', instance: 'notes', component: 'web' },
  image: { repository: 'ghcr.io/acme/notes', tag: '1.0.0' },
  replicas: { min: 2, max: 5 },
  resources: { requests: { cpu: '250m', memory: '256Mi' } },
  ports: { http: 8080 },
  probes: { readiness: { httpGet: { path: '/ready', port: 'http' } } },
  uid: 10_001,
  gid: 10_001,
};

function made(change: Partial<ApplicationProps> = {}) {
  const chart = new Chart(new App(), 'notes', { namespace: 'notes' });
  const application = new Application(chart, 'web', { ...PROPS, ...change });
  const manifests = manifestsOf(chart);
  const workload = application.workloadObject.toJson();
  return { application, manifests, workload };
}

const VOLUME = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
};

test('a Deployment with its Service, valid, and without replicas beside an autoscaler', () => {
  const { manifests, workload } = made();
  expect(manifests.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Service', 'Deployment']);
  expect(workload.spec.replicas).toBeUndefined();
  expect(strictFaults(manifests)).toEqual([]);
});

test('a StatefulSet has a headless Service, and keeps the volumes of its pods', () => {
  const { manifests, workload } = made({ kind: 'StatefulSet', replicas: 1, volumeClaimTemplates: [VOLUME] });
  expect(manifests.map(({ kind, metadata }) => `${kind}/${metadata?.name}`)).toContain(
    'Service/notes-headless',
  );
  expect(workload.spec).toMatchObject({
    replicas: 1,
    serviceName: 'notes-headless',
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  expect(strictFaults(manifests)).toEqual([]);
});

test('a program that can only be there once is taken away before the next one starts', () => {
  const { strategy } = made({ replicas: 1, surge: false }).workload.spec;
  expect(strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
});

test('what runs beside it, and before it, may do no more than it may', () => {
  const beside = { name: 'beside', image: 'ghcr.io/acme/beside:1.0.0' };
  const { containers, initContainers } = made({ initContainers: [beside], sidecars: [beside] }).workload.spec
    .template.spec;
  for (const container of [...containers, ...initContainers]) {
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
    });
  }
});

test.each<[string, Partial<ApplicationProps>]>([
  ['volumeClaimTemplates', { volumeClaimTemplates: [VOLUME] }],
  ['volumes', { volumes: [{ name: 'tmp', emptyDir: {} }] }],
  ['image', { image: { repository: 'ghcr.io/acme/notes', tag: 'latest' } }],
  ['uid', { uid: 0 }],
  ['resources.requests.cpu', { resources: { requests: { memory: '1Gi' } } }],
])('%s is refused with its mend', (path, change) => {
  let problems: InvalidInputError['problems'] = [];
  try {
    made(change);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    ({ problems } = error);
  }
  expect(problems.map((one) => one.path)).toEqual([path]);
  expect(problems[0]?.mend).not.toBe('');
});
