import { pathTo } from '../../json';
import type { KubernetesObject } from '../../kubernetes-object';
import { type Model, Rights, serviceAccountOf, type Workload } from '../../model';
import type { Rule } from '../../rule';

/**
 * What is put into pods from outside and logs in with the pod's own token. Sources:
 * https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector, https://docs.dapr.io/operations/hosting/kubernetes/.
 */
const USES_TOKEN = ['vault.hashicorp.com/agent-inject', 'dapr.io/enabled'];

/** A token that is of no use to the pod, yet to whoever breaks into it. */
export const tokenWithoutUse: Rule = {
  id: 'security/token-without-use',
  severity: 'warning',
  description: 'A pod that mounts an API token for a ServiceAccount to which nothing in the input is bound.',
  *check(model: Model) {
    const rights = new Rights(model);
    const reported = new Set<KubernetesObject>();
    for (const workload of model.workloads) {
      const { object, podSpec, podPath, containers } = workload;
      if (containers.length === 0 || usesToken(workload) || rights.isBound(workload)) continue;
      const name = serviceAccountOf(workload);
      const account = model.find('ServiceAccount', workload.namespace, name);
      // Who made an account elsewhere may have bound it there.
      if (!account && name !== 'default') continue;
      const ofPod = podSpec.automountServiceAccountToken;
      const ofAccount = account?.manifest.automountServiceAccountToken;
      if ((ofPod ?? ofAccount ?? true) !== true) continue;
      const isAccounts = account !== undefined && (ofPod ?? undefined) === undefined && ofAccount === true;
      if (isAccounts && reported.has(account)) continue;
      if (isAccounts) reported.add(account);
      yield {
        object: isAccounts ? account : object,
        path: isAccounts ? 'automountServiceAccountToken' : pathTo(podPath, 'automountServiceAccountToken'),
        message: `${workload.label} mounts an API token of ServiceAccount/${name}, to which no role is bound: it is of use only to an intruder.`,
        fix: `Write automountServiceAccountToken: false${isAccounts ? '' : ' in the pod'}, or bind the role that it needs.`,
      };
    }
  },
};

function usesToken(workload: Workload): boolean {
  return USES_TOKEN.some((name) => workload.podAnnotations[name] === 'true');
}
