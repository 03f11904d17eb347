import type * as pulumi from '@pulumi/pulumi';

/** A resource class of @pulumi/kubernetes. */
export type ResourceClass = new (
  name: string,
  args: pulumi.Inputs,
  options: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/** Which module of @pulumi/kubernetes holds the kinds of an API version. Other kinds become `CustomResource`. */
const KINDS: Readonly<Record<string, { readonly module: string; readonly kinds: readonly string[] }>> = {
  v1: {
    module: 'core/v1',
    kinds: [
      'ConfigMap',
      'Endpoints',
      'LimitRange',
      'Namespace',
      'PersistentVolume',
      'PersistentVolumeClaim',
      'Pod',
      'PodTemplate',
      'ReplicationController',
      'ResourceQuota',
      'Secret',
      'Service',
      'ServiceAccount',
    ],
  },
  'admissionregistration.k8s.io/v1': {
    module: 'admissionregistration/v1',
    kinds: [
      'MutatingAdmissionPolicy',
      'MutatingAdmissionPolicyBinding',
      'MutatingWebhookConfiguration',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
      'ValidatingWebhookConfiguration',
    ],
  },
  'apiextensions.k8s.io/v1': { module: 'apiextensions/v1', kinds: ['CustomResourceDefinition'] },
  'apiregistration.k8s.io/v1': { module: 'apiregistration/v1', kinds: ['APIService'] },
  'apps/v1': {
    module: 'apps/v1',
    kinds: ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  },
  'autoscaling/v1': { module: 'autoscaling/v1', kinds: ['HorizontalPodAutoscaler'] },
  'autoscaling/v2': { module: 'autoscaling/v2', kinds: ['HorizontalPodAutoscaler'] },
  'batch/v1': { module: 'batch/v1', kinds: ['CronJob', 'Job'] },
  'certificates.k8s.io/v1': { module: 'certificates/v1', kinds: ['CertificateSigningRequest'] },
  'coordination.k8s.io/v1': { module: 'coordination/v1', kinds: ['Lease'] },
  'discovery.k8s.io/v1': { module: 'discovery/v1', kinds: ['EndpointSlice'] },
  'flowcontrol.apiserver.k8s.io/v1': {
    module: 'flowcontrol/v1',
    kinds: ['FlowSchema', 'PriorityLevelConfiguration'],
  },
  'networking.k8s.io/v1': {
    module: 'networking/v1',
    kinds: ['Ingress', 'IngressClass', 'IPAddress', 'NetworkPolicy', 'ServiceCIDR'],
  },
  'node.k8s.io/v1': { module: 'node/v1', kinds: ['RuntimeClass'] },
  'policy/v1': { module: 'policy/v1', kinds: ['PodDisruptionBudget'] },
  'rbac.authorization.k8s.io/v1': {
    module: 'rbac/v1',
    kinds: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  },
  'resource.k8s.io/v1': {
    module: 'resource/v1',
    kinds: ['DeviceClass', 'ResourceClaim', 'ResourceClaimTemplate'],
  },
  'scheduling.k8s.io/v1': { module: 'scheduling/v1', kinds: ['PriorityClass'] },
  'storage.k8s.io/v1': {
    module: 'storage/v1',
    kinds: [
      'CSIDriver',
      'CSINode',
      'CSIStorageCapacity',
      'StorageClass',
      'VolumeAttachment',
      'VolumeAttributesClass',
    ],
  },
};

/** Whether @pulumi/kubernetes has a class of its own for a kind; all of them are Kubernetes' own kinds. */
export function isBuiltInKind(apiVersion: string, kind: string): boolean {
  return KINDS[apiVersion]?.kinds.includes(kind) ?? false;
}

/** The resource class of a kind. Only the modules of kinds that are used get loaded. */
export function resourceClass(apiVersion: string, kind: string): ResourceClass {
  const entry = KINDS[apiVersion];
  const [path, name] = entry?.kinds.includes(kind)
    ? [`@pulumi/kubernetes/${entry.module}`, kind]
    : ['@pulumi/kubernetes/apiextensions/customResource', 'CustomResource'];
  const module: Record<string, ResourceClass | undefined> = require(path);
  const found = module[name];
  if (found === undefined) throw new Error(`${path} has no ${name}: install a newer @pulumi/kubernetes`);
  return found;
}

/** Every kind that has a class of its own, as `[apiVersion, kind, module]`. */
export function builtInKinds(): [apiVersion: string, kind: string, module: string][] {
  return Object.entries(KINDS).flatMap(([apiVersion, { module, kinds }]) =>
    kinds.map((kind): [string, string, string] => [apiVersion, kind, module]),
  );
}
