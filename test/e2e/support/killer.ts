import { SUITE_LABEL } from './applied-topology';
import { kubectl, list } from './kubectl';

/**
 * Kills processes from their node, as the kernel's out-of-memory killer does: from inside a container nobody can kill
 * its first process. Needs a namespace of its own, which may hold privileged pods.
 */
export class Killer {
  constructor(
    private readonly namespace: string,
    private readonly image: string,
  ) {}

  create(): void {
    const labels = { app: 'killer' };
    const objects = [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: this.namespace,
          labels: { [SUITE_LABEL]: 'killer', 'pod-security.kubernetes.io/enforce': 'privileged' },
        },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'killer', namespace: this.namespace },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              hostPID: true,
              terminationGracePeriodSeconds: 0,
              tolerations: [{ operator: 'Exists' }],
              containers: [
                {
                  name: 'killer',
                  image: this.image,
                  command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
                  securityContext: { privileged: true, runAsUser: 0 },
                },
              ],
            },
          },
        },
      },
    ];
    for (const object of objects) kubectl(['create', '-f', '-'], JSON.stringify(object));
    kubectl(['rollout', 'status', '-n', this.namespace, 'daemonset/killer', '--timeout=60s']);
  }

  /** SIGKILL to every process of a pod whose command line holds `text`; how many there were. */
  kill(
    pod: { readonly metadata: { readonly uid?: string }; readonly spec: { readonly nodeName: string } },
    text: string,
  ): number {
    const killers = list<{ metadata: { name: string }; spec: { nodeName: string } }>([
      'pods',
      '-n',
      this.namespace,
    ]);
    const killer = killers.find(({ spec }) => spec.nodeName === pod.spec.nodeName);
    if (!killer) throw new Error(`no killer on ${pod.spec.nodeName}`);
    const uid = (pod.metadata.uid ?? '').replaceAll('-', '[-_]');
    const script = `
      const fs = require('node:fs');
      const read = (path) => { try { return fs.readFileSync(path, 'utf8') } catch { return '' } };
      const pids = fs.readdirSync('/proc').filter((pid) => /^\\d+$/.test(pid)
        && /${uid}/.test(read('/proc/' + pid + '/cgroup')) && read('/proc/' + pid + '/cmdline').includes(${JSON.stringify(text)}));
      // One that has died with its parent needs no signal.
      for (const pid of pids) try { process.kill(Number(pid), 'SIGKILL') } catch {}
      process.stdout.write(String(pids.length));`;
    return Number(kubectl(['exec', '-n', this.namespace, killer.metadata.name, '--', 'node', '-e', script]));
  }

  remove(): void {
    kubectl(['delete', 'namespace', this.namespace, '--wait=false']);
  }
}
