import type { Namespace } from 'kubernetes-types/core/v1';
import type { SystemSettings } from '../topology';

/** The namespace, in which every pod must meet the `restricted` Pod Security Standard. */
export function namespaceOf({ namespace, name }: Pick<SystemSettings, 'namespace' | 'name'>) {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: {
        'app.kubernetes.io/part-of': name,
        'app.kubernetes.io/managed-by': 'polypod',
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
      annotations: {
        // It holds claims and Secrets: neither Helm nor Argo CD shall delete it with the rest.
        'helm.sh/resource-policy': 'keep',
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
      },
    },
  } satisfies Namespace;
}
