import { RELEASES, type Retired } from './retired';

/**
 * APIs that Kubernetes no longer serves: apiVersion, kinds (all if empty), the release that dropped them, and what
 * serves them now. Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/.
 */
const KUBERNETES_APIS: readonly (readonly [
  apiVersion: string,
  kinds: string,
  release: string,
  instead: string,
])[] = [
  ['extensions/v1beta1', 'Deployment DaemonSet ReplicaSet', '1.16', 'apps/v1'],
  ['extensions/v1beta1', 'NetworkPolicy', '1.16', 'networking.k8s.io/v1'],
  ['extensions/v1beta1', 'PodSecurityPolicy', '1.16', ''],
  ['extensions/v1beta1', 'Ingress', '1.22', 'networking.k8s.io/v1'],
  ['apps/v1beta1', '', '1.16', 'apps/v1'],
  ['apps/v1beta2', '', '1.16', 'apps/v1'],
  ['batch/v2alpha1', 'CronJob', '1.21', 'batch/v1'],
  [
    'admissionregistration.k8s.io/v1beta1',
    'MutatingWebhookConfiguration ValidatingWebhookConfiguration',
    '1.22',
    'admissionregistration.k8s.io/v1',
  ],
  ['apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', '1.22', 'apiextensions.k8s.io/v1'],
  ['apiregistration.k8s.io/v1beta1', 'APIService', '1.22', 'apiregistration.k8s.io/v1'],
  ['authentication.k8s.io/v1beta1', 'TokenReview', '1.22', 'authentication.k8s.io/v1'],
  [
    'authorization.k8s.io/v1beta1',
    'LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview SelfSubjectRulesReview',
    '1.22',
    'authorization.k8s.io/v1',
  ],
  ['certificates.k8s.io/v1beta1', 'CertificateSigningRequest', '1.22', 'certificates.k8s.io/v1'],
  ['coordination.k8s.io/v1beta1', 'Lease', '1.22', 'coordination.k8s.io/v1'],
  ['networking.k8s.io/v1beta1', 'Ingress IngressClass', '1.22', 'networking.k8s.io/v1'],
  ['rbac.authorization.k8s.io/v1alpha1', '', '1.22', 'rbac.authorization.k8s.io/v1'],
  ['rbac.authorization.k8s.io/v1beta1', '', '1.22', 'rbac.authorization.k8s.io/v1'],
  ['scheduling.k8s.io/v1alpha1', 'PriorityClass', '1.22', 'scheduling.k8s.io/v1'],
  ['scheduling.k8s.io/v1beta1', 'PriorityClass', '1.22', 'scheduling.k8s.io/v1'],
  ['storage.k8s.io/v1beta1', 'CSIDriver CSINode StorageClass VolumeAttachment', '1.22', 'storage.k8s.io/v1'],
  ['batch/v1beta1', 'CronJob', '1.25', 'batch/v1'],
  ['discovery.k8s.io/v1beta1', 'EndpointSlice', '1.25', 'discovery.k8s.io/v1'],
  ['events.k8s.io/v1beta1', 'Event', '1.25', 'events.k8s.io/v1'],
  ['autoscaling/v2beta1', 'HorizontalPodAutoscaler', '1.25', 'autoscaling/v2'],
  ['policy/v1beta1', 'PodDisruptionBudget', '1.25', 'policy/v1'],
  ['policy/v1beta1', 'PodSecurityPolicy', '1.25', ''],
  ['node.k8s.io/v1alpha1', 'RuntimeClass', '1.25', 'node.k8s.io/v1'],
  ['node.k8s.io/v1beta1', 'RuntimeClass', '1.25', 'node.k8s.io/v1'],
  ['autoscaling/v2beta2', 'HorizontalPodAutoscaler', '1.26', 'autoscaling/v2'],
  [
    'flowcontrol.apiserver.k8s.io/v1alpha1',
    'FlowSchema PriorityLevelConfiguration',
    '1.24',
    'flowcontrol.apiserver.k8s.io/v1',
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1beta1',
    'FlowSchema PriorityLevelConfiguration',
    '1.26',
    'flowcontrol.apiserver.k8s.io/v1',
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1beta2',
    'FlowSchema PriorityLevelConfiguration',
    '1.29',
    'flowcontrol.apiserver.k8s.io/v1',
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1beta3',
    'FlowSchema PriorityLevelConfiguration',
    '1.32',
    'flowcontrol.apiserver.k8s.io/v1',
  ],
  [
    'resource.k8s.io/v1alpha2',
    'ResourceClaim ResourceClaimTemplate ResourceClass PodSchedulingContext',
    '1.31',
    'resource.k8s.io/v1',
  ],
  ['storage.k8s.io/v1beta1', 'CSIStorageCapacity', '1.27', 'storage.k8s.io/v1'],
];

/** APIs of what is installed into clusters. */
const OTHER_APIS: readonly (Retired & { readonly apiVersion: RegExp; readonly kinds?: RegExp })[] = [
  {
    apiVersion: /^gateway\.networking\.k8s\.io\/v1alpha[12]$/,
    kinds: /^(?:Gateway|GatewayClass|HTTPRoute)$/,
    what: 'This API of Gateway API',
    date: '2023-08-29', // https://github.com/kubernetes-sigs/gateway-api/releases/tag/v0.8.0
    end: 'Gateway API 0.8 and later do not serve it',
    instead: 'Write apiVersion: gateway.networking.k8s.io/v1.',
  },
  {
    apiVersion: /^(?:certmanager\.k8s\.io\/|cert-manager\.io\/v1(?:alpha[23]|beta1)$)/,
    what: 'This API of cert-manager',
    date: '2022-01-26', // https://cert-manager.io/docs/releases/release-notes/release-notes-1.7/
    end: 'cert-manager 1.7 does not serve it',
    instead: 'Write apiVersion: cert-manager.io/v1.',
  },
  {
    apiVersion: /^traefik\.containo\.us\//,
    what: 'This API of Traefik',
    date: '2024-04-29', // https://doc.traefik.io/traefik/migrate/v2-to-v3/
    end: 'Traefik 3 does not read it',
    instead: 'Write apiVersion: traefik.io/v1alpha1.',
  },
  {
    apiVersion: /^external-secrets\.io\/v1beta1$/,
    what: 'This API of External Secrets Operator',
    date: '2025-05-14', // https://github.com/external-secrets/external-secrets/releases/tag/v0.17.0
    end: 'version 0.17 and later do not serve it',
    instead: 'Write apiVersion: external-secrets.io/v1.',
  },
  {
    apiVersion:
      /^(?:source|kustomize|image|notification)\.toolkit\.fluxcd\.io\/v1beta1$|^helm\.toolkit\.fluxcd\.io\/v2beta1$|^helm\.fluxcd\.io\//,
    what: 'This API of Flux',
    date: '2025-09-30', // https://fluxcd.io/blog/2025/09/flux-v2.7.0/
    end: 'Flux 2.7 and later do not serve it',
    instead: 'Write the v1 of its API, v2 for a HelmRelease.',
  },
  {
    apiVersion: /^keda\.k8s\.io\//,
    what: 'This API of KEDA',
    date: '2020-11-04', // https://keda.sh/docs/latest/migration/
    end: 'KEDA 2 does not serve it',
    instead: 'Write apiVersion: keda.sh/v1alpha1.',
  },
  {
    apiVersion: /^aadpodidentity\.k8s\.io\//,
    what: 'Microsoft Entra pod-managed identity',
    date: '2023-09-30', // https://azure.github.io/aad-pod-identity/
    end: 'the project is archived',
    instead: 'Use Microsoft Entra Workload ID.',
  },
  {
    apiVersion: /^appmesh\.k8s\.aws\//,
    what: 'AWS App Mesh',
    date: '2026-09-30', // https://aws.amazon.com/blogs/containers/migrating-from-aws-app-mesh-to-amazon-vpc-lattice/
    end: 'AWS has ended the service',
    instead: 'Use Amazon ECS Service Connect, VPC Lattice or a mesh of the cluster.',
  },
  {
    apiVersion: /^karpenter\.sh\/v1alpha5$|^karpenter\.k8s\.aws\/v1alpha1$/,
    what: 'This API of Karpenter',
    date: '2024-08-14', // https://karpenter.sh/docs/upgrading/v1-migration/
    end: 'Karpenter 1 does not serve it',
    instead: 'Write NodePool and EC2NodeClass of version v1.',
  },
  {
    apiVersion: /^kubernetes-client\.io\//,
    what: 'Kubernetes External Secrets',
    date: '2022-07-26', // https://github.com/external-secrets/kubernetes-external-secrets
    end: 'the project is archived',
    instead: 'Use External Secrets Operator: external-secrets.io/v1.',
  },
];

/** Why an object's API is retired. */
export function retiredApi(apiVersion: string, kind: string): Retired | undefined {
  for (const [retired, kinds, release, instead] of KUBERNETES_APIS) {
    if (retired !== apiVersion || (kinds !== '' && !kinds.split(' ').includes(kind))) continue;
    return {
      what: `${kind} of ${apiVersion}`,
      date: RELEASES[release] ?? '',
      end: `Kubernetes ${release} and later do not serve it`,
      instead:
        instead === ''
          ? 'Label the namespace for Pod Security admission instead.'
          : `Write apiVersion: ${instead}.`,
    };
  }
  return OTHER_APIS.find((api) => api.apiVersion.test(apiVersion) && (api.kinds?.test(kind) ?? true));
}
