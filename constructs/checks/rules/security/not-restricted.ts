import { isPlaceholder } from '../../../contracts/placeholder';
import { isObject, listAt, numberAt, objectAt, objectsAt, pathTo, textAt, valueAt } from '../../json';
import type { JsonObject } from '../../kubernetes-object';
import type { Container, Model, Workload } from '../../model';
import type { Rule } from '../../rule';

/** One field that keeps a pod out of a namespace which enforces `restricted`. */
interface Violation {
  readonly path: string;
  /** What is wrong, after "The restricted Pod Security Standard rejects this pod: ". */
  readonly what: string;
  readonly fix: string;
}

/**
 * What a namespace with `pod-security.kubernetes.io/enforce: restricted` rejects, as of Kubernetes 1.34.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ and the checks of
 * k8s.io/pod-security-admission.
 */
export const notRestricted: Rule = {
  id: 'security/not-restricted',
  severity: 'warning',
  description: 'Pods that the restricted Pod Security Standard rejects.',
  *check(model: Model) {
    for (const workload of model.workloads) {
      if (workload.containers.length === 0) continue;
      for (const { path, what, fix } of violations(workload)) {
        yield {
          object: workload.object,
          path,
          message: `The restricted Pod Security Standard rejects this pod: ${what}.`,
          fix,
        };
      }
    }
  },
};

function* violations(workload: Workload): Generator<Violation> {
  yield* ofHost(workload);
  yield* ofVolumes(workload);
  const { podSpec, podPath, containers } = workload;
  const context = pathTo(podPath, 'securityContext');
  yield* ofContext(objectAt(podSpec, 'securityContext'), context, 'the pod', workload);
  yield* ofSysctls(objectAt(podSpec, 'securityContext'), context);
  yield* ofAppArmorAnnotations(workload);
  yield* missingFromPod(workload, context);
  for (const container of containers) yield* ofContainer(container);
}

function* ofHost({ podSpec, podPath }: Workload): Generator<Violation> {
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (podSpec[field] !== true) continue;
    yield { path: pathTo(podPath, field), what: `${field} is true`, fix: `Take ${field} out.` };
  }
}

const ALLOWED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
  'volumeClaimTemplate',
  'image', // OCI images, since 1.31
]);

function* ofVolumes({ volumes }: Workload): Generator<Violation> {
  for (const { name, type, path } of volumes) {
    if (ALLOWED_VOLUMES.has(type)) continue;
    yield {
      path: pathTo(path, type),
      what: `volume ${name} is of type ${type}`,
      fix: 'Use a persistentVolumeClaim, an emptyDir or another type that it allows.',
    };
  }
}

/** What a pod's or a container's securityContext says that it must not. */
function* ofContext(
  context: JsonObject,
  path: string,
  who: string,
  { podSpec }: Workload,
): Generator<Violation> {
  // In a user namespace, root is nobody outside of the pod.
  if (podSpec.hostUsers !== false) {
    if (context.runAsNonRoot === false)
      yield {
        path: pathTo(path, 'runAsNonRoot'),
        what: `${who} sets runAsNonRoot: false`,
        fix: 'Write runAsNonRoot: true.',
      };
    if (context.runAsUser === 0)
      yield {
        path: pathTo(path, 'runAsUser'),
        what: `${who} runs as user 0, root`,
        fix: 'Write a runAsUser above 0, best one from 10000.',
      };
  }
  if (valueAt(context, 'windowsOptions', 'hostProcess') === true)
    yield {
      path: pathTo(path, 'windowsOptions', 'hostProcess'),
      what: `${who} is a Windows host process`,
      fix: 'Take hostProcess out.',
    };
  for (const [field, where] of [
    ['seccompProfile', 'seccomp'],
    ['appArmorProfile', 'AppArmor'],
  ] as const) {
    const type = textAt(context, field, 'type');
    if (type === undefined || isPlaceholder(type) || type === 'RuntimeDefault' || type === 'Localhost')
      continue;
    yield {
      path: pathTo(path, field, 'type'),
      what: `${who} has the ${where} profile ${type}`,
      fix: 'Write type: RuntimeDefault.',
    };
  }
  const seLinux = objectAt(context, 'seLinuxOptions');
  for (const field of ['type', 'user', 'role']) {
    const value = textAt(seLinux, field);
    if (value === undefined || isPlaceholder(value)) continue;
    if (field === 'type' && /^container(?:_init|_kvm|_engine)?_t$/.test(value)) continue;
    yield {
      path: pathTo(path, 'seLinuxOptions', field),
      what: `${who} sets the SELinux ${field} ${value}`,
      fix: `Take seLinuxOptions.${field} out.`,
    };
  }
}

/** Sysctls of a pod's own namespaces that can do no harm to others. */
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

function* ofSysctls(context: JsonObject, path: string): Generator<Violation> {
  for (const { item, index } of objectsAt(context, 'sysctls')) {
    const name = textAt(item, 'name');
    if (name === undefined || SAFE_SYSCTLS.has(name) || isPlaceholder(name)) continue;
    yield {
      path: pathTo(path, 'sysctls', index),
      what: `sysctl ${name} is not a safe one`,
      fix: 'Take it out, or set it on the node.',
    };
  }
}

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

function* ofAppArmorAnnotations({ podAnnotations, templatePath }: Workload): Generator<Violation> {
  for (const [name, value] of Object.entries(podAnnotations)) {
    if (!name.startsWith(APP_ARMOR) || /^(?:runtime\/default$|localhost\/|$)/.test(value)) continue;
    yield {
      path: pathTo(templatePath, 'metadata', 'annotations', name),
      what: `the AppArmor profile of container ${name.slice(APP_ARMOR.length)} is ${value}`,
      fix: 'Write runtime/default, or securityContext.appArmorProfile of type RuntimeDefault.',
    };
  }
}

/** What the pod, or else every container, must set. */
function* missingFromPod(workload: Workload, path: string): Generator<Violation> {
  const { podSpec, containers } = workload;
  const lacks = (step: string, onPod: boolean) =>
    onPod ? [] : containers.filter(({ spec }) => valueAt(spec, 'securityContext', step) === undefined);
  const own = objectAt(podSpec, 'securityContext');
  // An explicit false is reported where it stands.
  const noNonRoot = podSpec.hostUsers === false ? [] : lacks('runAsNonRoot', own.runAsNonRoot !== undefined);
  const noSeccomp = isWindows(workload) ? [] : lacks('seccompProfile', own.seccompProfile !== undefined);
  const missing = [
    { field: 'runAsNonRoot', text: 'runAsNonRoot: true', who: noNonRoot },
    { field: 'seccompProfile', text: 'seccompProfile: {type: RuntimeDefault}', who: noSeccomp },
  ].filter(({ who }) => who.length > 0);
  yield* joined(missing, path, (who) =>
    who.length === containers.length
      ? 'neither the pod nor its containers set'
      : `the pod does not set, for ${names(who)},`,
  );
}

function* ofContainer(container: Container): Generator<Violation> {
  const { spec, workload, name } = container;
  const path = pathTo(container.path, 'securityContext');
  const who = `container ${name}`;
  const context = objectAt(spec, 'securityContext');
  yield* ofContext(context, path, who, workload);
  if (context.privileged === true)
    yield { path: pathTo(path, 'privileged'), what: `${who} is privileged`, fix: 'Take privileged out.' };
  const procMount = textAt(context, 'procMount');
  if (procMount !== undefined && procMount !== 'Default' && workload.podSpec.hostUsers !== false)
    yield {
      path: pathTo(path, 'procMount'),
      what: `${who} has procMount ${procMount}`,
      fix: 'Take procMount out.',
    };
  yield* ofPorts(container);
  yield* ofHandlers(container);
  if (isWindows(workload)) return;
  yield* ofCapabilities(context, path, who);
  if (context.allowPrivilegeEscalation === true)
    yield {
      path: pathTo(path, 'allowPrivilegeEscalation'),
      what: `${who} sets allowPrivilegeEscalation: true`,
      fix: 'Write allowPrivilegeEscalation: false.',
    };
  const missing = [
    {
      field: 'allowPrivilegeEscalation',
      text: 'allowPrivilegeEscalation: false',
      isMissing: context.allowPrivilegeEscalation === undefined || context.allowPrivilegeEscalation === null,
    },
    {
      field: 'capabilities',
      text: 'capabilities: {drop: [ALL]}',
      isMissing: valueAt(context, 'capabilities', 'drop') === undefined,
    },
  ].filter(({ isMissing }) => isMissing);
  yield* joined(
    missing.map((each) => ({ ...each, who: [container] })),
    path,
    () => `${who} does not set`,
  );
}

function* ofCapabilities(context: JsonObject, path: string, who: string): Generator<Violation> {
  const drop = listAt(context, 'capabilities', 'drop').filter((name) => typeof name === 'string');
  if (
    Array.isArray(valueAt(context, 'capabilities', 'drop')) &&
    !drop.includes('ALL') &&
    !drop.some(isPlaceholder)
  )
    yield {
      path: pathTo(path, 'capabilities', 'drop'),
      what: `${who} drops ${drop.length === 0 ? 'no capabilities' : `only ${drop.join(', ')}`}, not ALL`,
      fix: 'Write drop: [ALL].',
    };
  const added = listAt(context, 'capabilities', 'add').filter(
    (name) => typeof name === 'string' && name !== 'NET_BIND_SERVICE' && !isPlaceholder(name),
  );
  if (added.length > 0)
    yield {
      path: pathTo(path, 'capabilities', 'add'),
      what: `${who} adds the ${added.length === 1 ? 'capability' : 'capabilities'} ${added.join(', ')}`,
      fix: 'Add none but NET_BIND_SERVICE.',
    };
}

function* ofPorts({ spec, path, name }: Container): Generator<Violation> {
  for (const { item, index } of objectsAt(spec, 'ports')) {
    const port = numberAt(item, 'hostPort');
    if (port === undefined || port === 0) continue;
    yield {
      path: pathTo(path, 'ports', index, 'hostPort'),
      what: `container ${name} takes port ${port} of its node`,
      fix: 'Take hostPort out, and reach the pod through a Service.',
    };
  }
}

/** Since 1.34: the kubelet is not to be sent to other hosts. */
function* ofHandlers({ spec, path, name }: Container): Generator<Violation> {
  for (const handler of [
    ['livenessProbe'],
    ['readinessProbe'],
    ['startupProbe'],
    ['lifecycle', 'postStart'],
    ['lifecycle', 'preStop'],
  ]) {
    for (const action of ['httpGet', 'tcpSocket']) {
      const host = textAt(spec, ...handler, action, 'host');
      if (host === undefined) continue;
      yield {
        path: pathTo(path, ...handler, action, 'host'),
        what: `${handler.join('.')} of container ${name} names a host, ${host}`,
        fix: 'Take host out: the kubelet asks the pod itself.',
      };
    }
  }
}

function isWindows({ podSpec }: Workload): boolean {
  const os = objectAt(podSpec, 'os');
  return isObject(os) && os.name === 'windows';
}

interface Missing {
  readonly field: string;
  readonly text: string;
  readonly who: readonly Container[];
}

/** What one securityContext lacks, as one violation: at the field, or at the context where several are missing. */
function* joined(
  missing: readonly Missing[],
  path: string,
  text: (who: readonly Container[]) => string,
): Generator<Violation> {
  const [first] = missing;
  if (!first) return;
  const settings = missing.map((each) => each.text).join(' and ');
  const who = missing.flatMap((each) => each.who);
  yield {
    path: missing.length === 1 ? pathTo(path, first.field) : path,
    what: `${text([...new Set(who)])} ${settings}`,
    fix: `Write ${settings} in ${path}.`,
  };
}

function names(containers: readonly Container[]): string {
  return `${containers.length === 1 ? 'container' : 'containers'} ${containers.map(({ name }) => name).join(', ')}`;
}
