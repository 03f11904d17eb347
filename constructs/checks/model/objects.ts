import { objectAt, textAt, textsAt } from '../json';
import type { KubernetesObject, Manifest } from '../kubernetes-object';
import { objectsIn } from '../load';

/** Kinds without a namespace, of Kubernetes and of what such systems bring along. */
const CLUSTER_SCOPED = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'ComponentStatus',
  'ClusterRole',
  'ClusterRoleBinding',
  'StorageClass',
  'CSIDriver',
  'CSINode',
  'VolumeAttachment',
  'VolumeAttributesClass',
  'VolumeSnapshotClass',
  'VolumeSnapshotContent',
  'IngressClass',
  'GatewayClass',
  'PriorityClass',
  'RuntimeClass',
  'PodSecurityPolicy',
  'CustomResourceDefinition',
  'APIService',
  'CertificateSigningRequest',
  'FlowSchema',
  'PriorityLevelConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ClusterIssuer',
  'ClusterSecretStore',
  'ClusterExternalSecret',
  'ClusterTriggerAuthentication',
  'ClusterPolicy',
  'CiliumClusterwideNetworkPolicy',
  'GlobalNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'DeviceClass',
  'ResourceSlice',
  'ClusterQueue',
  'ResourceFlavor',
  'NodePool',
  'EC2NodeClass',
  'ClusterServingRuntime',
  'ComputeClass',
]);

/**
 * The objects of the input, each with the namespace it lives in: its own, else `namespace`, else the only one
 * that the input names, else `default`.
 */
export function kubernetesObjects(manifests: Iterable<Manifest>, namespace?: string): KubernetesObject[] {
  const flat = [...manifests].flatMap((entry) => [...objectsIn(entry.manifest, entry.origin)]);
  const clusterScoped = new Set(CLUSTER_SCOPED);
  const named = new Set<string>();
  for (const { manifest } of flat) {
    const own = textAt(manifest, 'metadata', 'namespace');
    if (own) named.add(own);
    const name = textAt(manifest, 'metadata', 'name');
    if (manifest.kind === 'Namespace' && name) named.add(name);
    if (manifest.kind === 'CustomResourceDefinition' && textAt(manifest, 'spec', 'scope') === 'Cluster') {
      clusterScoped.add(textAt(manifest, 'spec', 'names', 'kind') ?? '');
    }
  }
  const [only, ...others] = named;
  const fallback = namespace ?? (only !== undefined && others.length === 0 ? only : 'default');

  return flat.map(({ manifest, origin }) => {
    const metadata = objectAt(manifest, 'metadata');
    const apiVersion = textAt(manifest, 'apiVersion') ?? '';
    const kind = textAt(manifest, 'kind') ?? '';
    const slash = apiVersion.indexOf('/');
    return {
      manifest,
      origin,
      apiVersion,
      group: slash === -1 ? '' : apiVersion.slice(0, slash),
      kind,
      name: textAt(metadata, 'name') ?? textAt(metadata, 'generateName') ?? '',
      namespace: clusterScoped.has(kind) ? '' : (textAt(metadata, 'namespace') ?? fallback),
      labels: textsAt(metadata, 'labels'),
      annotations: textsAt(metadata, 'annotations'),
    };
  });
}
