import type { Construct } from 'constructs';
import type { Namespace } from 'kubernetes-types/core/v1';
import { makeObjects } from '../../constructs/kubernetes';
import type { SystemSettings } from '../topology';
import type { StackBacking } from './backing';

/**
 * The namespace, unless it is there already. It is written before the servers that stand in it: `kubectl apply` takes
 * objects in the order of the file.
 */
export function makeNamespace(scope: Construct, settings: SystemSettings, { servers }: StackBacking): void {
  if (!settings.createNamespace) return;
  const { namespace } = makeObjects(scope, { namespace: namespaceOf(settings) });
  for (const server of servers) server.node.addDependency(namespace);
}

/** Every pod in it must meet the `restricted` Pod Security Standard. */
function namespaceOf({ namespace, name }: SystemSettings) {
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
