import { notRestricted } from '../../../../../constructs/checks/rules/security/not-restricted';
import { findingsOf } from '../../../../support/check-rule';

const deployment = (pod: string, kind = 'Deployment') => `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: chat}
spec:
  template:
    spec:
${pod.replace(/^/gm, '      ')}
`;
const SOUND = '{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}';
const POD = 'securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}';

/** Path and what is wrong, for each finding. */
function found(pod: string) {
  return findingsOf(notRestricted, deployment(pod)).map(({ path, message }) => [
    path.replace('spec.template.spec.', ''),
    message.replace(/^.*rejects this pod: /, ''),
  ]);
}

test('a pod that restricted takes', () => {
  expect(found(`${POD}\ncontainers: [{name: a, securityContext: ${SOUND}}]`)).toEqual([]);
});

test('a pod without any securityContext: what the pod lacks, and what each container lacks', () => {
  expect(found('initContainers: [{name: i}]\ncontainers: [{name: a}]')).toEqual(
    [
      [
        'containers[0].securityContext',
        'container a does not set allowPrivilegeEscalation: false and capabilities: {drop: [ALL]}',
      ],
      [
        'initContainers[0].securityContext',
        'container i does not set allowPrivilegeEscalation: false and capabilities: {drop: [ALL]}',
      ],
      [
        'securityContext',
        'neither the pod nor its containers set runAsNonRoot: true and seccompProfile: {type: RuntimeDefault}',
      ],
    ].map(([path, what]) => [path, `${what}.`]),
  );
});

test('names the one field that is missing', () => {
  expect(found(`${POD}\ncontainers: [{name: a, securityContext: {capabilities: {drop: [ALL]}}}]`)).toEqual([
    [
      'containers[0].securityContext.allowPrivilegeEscalation',
      'container a does not set allowPrivilegeEscalation: false.',
    ],
  ]);
  expect(
    found(`securityContext: {runAsNonRoot: true}\ncontainers: [{name: a, securityContext: ${SOUND}}]`),
  ).toEqual([
    [
      'securityContext.seccompProfile',
      'neither the pod nor its containers set seccompProfile: {type: RuntimeDefault}.',
    ],
  ]);
});

test('what all containers set, the pod need not; what one leaves out, it must', () => {
  const own =
    '{runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}';
  expect(found(`containers: [{name: a, securityContext: ${own}}]`)).toEqual([]);
  expect(
    found(`containers: [{name: a, securityContext: ${own}}, {name: b, securityContext: ${SOUND}}]`),
  ).toEqual([
    [
      'securityContext',
      'the pod does not set, for container b, runAsNonRoot: true and seccompProfile: {type: RuntimeDefault}.',
    ],
  ]);
});

test.each([
  ['hostNetwork: true', 'hostNetwork'],
  ['hostPID: true', 'hostPID'],
  ['hostIPC: true', 'hostIPC'],
  ['volumes: [{name: v, hostPath: {path: /}}]', 'volumes[0].hostPath'],
  ['volumes: [{name: v, nfs: {server: a, path: /}}]', 'volumes[0].nfs'],
])('a pod with %s', (field, path) => {
  expect(
    found(`${POD}\n${field}\ncontainers: [{name: a, securityContext: ${SOUND}}]`).map(([at]) => at),
  ).toEqual([path]);
});

test.each([
  ['privileged: true', 'privileged'],
  ['runAsUser: 0', 'runAsUser'],
  ['runAsNonRoot: false', 'runAsNonRoot'],
  ['procMount: Unmasked', 'procMount'],
  ['seccompProfile: {type: Unconfined}', 'seccompProfile.type'],
  ['appArmorProfile: {type: Unconfined}', 'appArmorProfile.type'],
  ['seLinuxOptions: {type: spc_t}', 'seLinuxOptions.type'],
  ['seLinuxOptions: {user: root}', 'seLinuxOptions.user'],
  ['windowsOptions: {hostProcess: true}', 'windowsOptions.hostProcess'],
])('a container with %s', (field, path) => {
  const context = `{${field}, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}`;
  expect(found(`${POD}\ncontainers: [{name: a, securityContext: ${context}}]`).map(([at]) => at)).toEqual([
    `containers[0].securityContext.${path}`,
  ]);
});

test('capabilities: only ALL is all, and only NET_BIND_SERVICE may be added', () => {
  const of = (capabilities: string) =>
    found(
      `${POD}\ncontainers: [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: ${capabilities}}}]`,
    );
  expect(of('{drop: [ALL], add: [NET_BIND_SERVICE]}')).toEqual([]);
  expect(of('{drop: [NET_RAW]}')).toEqual([
    ['containers[0].securityContext.capabilities.drop', 'container a drops only NET_RAW, not ALL.'],
  ]);
  expect(of('{drop: [ALL], add: [SYS_PTRACE, NET_BIND_SERVICE]}')).toEqual([
    ['containers[0].securityContext.capabilities.add', 'container a adds the capability SYS_PTRACE.'],
  ]);
});

test('ports of the node, hosts of probes, sysctls', () => {
  const pod = `
securityContext:
  runAsNonRoot: true
  seccompProfile: {type: RuntimeDefault}
  sysctls: [{name: net.core.somaxconn, value: "1024"}, {name: net.ipv4.tcp_keepalive_time, value: "60"}]
containers:
  - name: a
    securityContext: ${SOUND}
    ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 81, hostPort: 0}]
    livenessProbe: {httpGet: {port: 80, host: 127.0.0.1}}`;
  expect(found(pod).map(([path]) => path)).toEqual([
    'containers[0].livenessProbe.httpGet.host',
    'containers[0].ports[0].hostPort',
    'securityContext.sysctls[0]',
  ]);
});

test('Windows has no seccomp, capabilities or escalation; root in a user namespace is nobody outside', () => {
  expect(
    found('os: {name: windows}\nsecurityContext: {runAsNonRoot: true}\ncontainers: [{name: a}]'),
  ).toEqual([]);
  expect(
    found(
      `hostUsers: false\nsecurityContext: {runAsUser: 0, seccompProfile: {type: RuntimeDefault}}\ncontainers: [{name: a, securityContext: ${SOUND}}]`,
    ),
  ).toEqual([]);
});

test('reports the CronJob whose field it is, and no hooks', () => {
  const cron = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: c}
spec: {jobTemplate: {spec: {template: {spec: {hostPID: true, ${POD}, containers: [{name: a, securityContext: ${SOUND}}]}}}}}`;
  expect(findingsOf(notRestricted, cron)).toMatchObject([
    { object: 'CronJob/c', path: 'spec.jobTemplate.spec.template.spec.hostPID', severity: 'warning' },
  ]);
  const hook = cron.replace('{name: c}', '{name: c, annotations: {helm.sh/hook: test}}');
  expect(findingsOf(notRestricted, hook)).toEqual([]);
});
