import { entryOf } from '../json';
import type { StorageBacking } from '../model/storage-class';

/** Whether volumes can be mounted for writing on several nodes at once. */
export type Sharing =
  /** One node at a time: a disk. */
  | 'block'
  /** Many nodes: a network file system. */
  | 'shared'
  /** The provisioner is not known, or can do either. */
  | 'unknown';

/**
 * Provisioners of disks and of the nodes' own folders. Sources: the drivers' own READMEs; a raw block volume can be
 * attached to several nodes on some of them, a file system on it cannot.
 */
const BLOCK = new Set([
  'ebs.csi.aws.com', // https://github.com/kubernetes-sigs/aws-ebs-csi-driver
  'ebs.csi.eks.amazonaws.com', // EKS Auto Mode
  'kubernetes.io/aws-ebs',
  'pd.csi.storage.gke.io', // https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver
  'kubernetes.io/gce-pd',
  'disk.csi.azure.com', // https://github.com/kubernetes-sigs/azuredisk-csi-driver
  'kubernetes.io/azure-disk',
  'rancher.io/local-path', // k3s, kind
  'k8s.io/minikube-hostpath',
  'microk8s.io/hostpath',
  'docker.io/hostpath',
  'hostpath.csi.k8s.io',
  'kubernetes.io/no-provisioner', // local volumes
  'openebs.io/local',
  'local.csi.openebs.io',
  'topolvm.io',
  'topolvm.cybozu.com',
  'dobs.csi.digitalocean.com',
  'linodebs.csi.linode.com',
  'csi.hetzner.cloud',
  'blockvolume.csi.oraclecloud.com',
  'rbd.csi.ceph.com',
  'csi.vsphere.vmware.com.block',
  'hostPath',
  'local',
  'rbd',
  'iscsi',
  'fc',
]);

/** Provisioners of network file systems. */
const SHARED = new Set([
  'efs.csi.aws.com', // https://github.com/kubernetes-sigs/aws-efs-csi-driver
  'fsx.csi.aws.com', // Lustre
  'fsx.openzfs.csi.aws.com',
  'filestore.csi.storage.gke.io', // https://github.com/kubernetes-sigs/gcp-filestore-csi-driver
  'file.csi.azure.com', // https://github.com/kubernetes-sigs/azurefile-csi-driver
  'kubernetes.io/azure-file',
  'lustre.csi.storage.gke.io',
  'nfs.csi.k8s.io', // https://github.com/kubernetes-csi/csi-driver-nfs
  'cluster.local/nfs-subdir-external-provisioner',
  'k8s-sigs.io/nfs-subdir-external-provisioner',
  'cephfs.csi.ceph.com',
  'rook-ceph.cephfs.csi.ceph.com',
  'openshift-storage.cephfs.csi.ceph.com',
  'smb.csi.k8s.io',
  'weka.io',
  'csi.juicefs.com',
  'nfs',
  'cephfs',
  'glusterfs',
]);

export function sharingOf(provisioner: string, parameters: Readonly<Record<string, string>> = {}): Sharing {
  if (provisioner === 'file.csi.azure.com' && parameters.fsType) return 'block'; // a disk image inside of a share
  if (BLOCK.has(provisioner) || provisioner.endsWith('.rbd.csi.ceph.com')) return 'block';
  return SHARED.has(provisioner) ? 'shared' : 'unknown';
}

/**
 * Classes that clusters have from the start. Sources: the clouds' and distributions' documentation of their built-in
 * storage classes.
 */
const CLOUD_CLASSES: Readonly<
  Record<string, readonly [provisioner: string, parameters?: Record<string, string>]>
> = {
  gp2: ['ebs.csi.aws.com', { type: 'gp2' }],
  gp3: ['ebs.csi.aws.com', { type: 'gp3' }],
  io1: ['ebs.csi.aws.com', { type: 'io1' }],
  io2: ['ebs.csi.aws.com', { type: 'io2' }],
  'standard-rwo': ['pd.csi.storage.gke.io', { type: 'pd-balanced' }],
  'premium-rwo': ['pd.csi.storage.gke.io', { type: 'pd-ssd' }],
  'standard-rwx': ['filestore.csi.storage.gke.io', { tier: 'standard' }],
  'premium-rwx': ['filestore.csi.storage.gke.io', { tier: 'premium' }],
  'zonal-rwx': ['filestore.csi.storage.gke.io', { tier: 'zonal' }],
  'regional-rwx': ['filestore.csi.storage.gke.io', { tier: 'regional' }],
  'enterprise-rwx': ['filestore.csi.storage.gke.io', { tier: 'enterprise' }],
  'enterprise-multishare-rwx': ['filestore.csi.storage.gke.io', { tier: 'enterprise' }],
  'managed-csi': ['disk.csi.azure.com', { skuName: 'StandardSSD_LRS' }],
  'managed-csi-premium': ['disk.csi.azure.com', { skuName: 'Premium_LRS' }],
  managed: ['disk.csi.azure.com', { skuName: 'StandardSSD_LRS' }],
  'managed-premium': ['disk.csi.azure.com', { skuName: 'Premium_LRS' }],
  azurefile: ['file.csi.azure.com', { skuName: 'Standard_LRS' }],
  'azurefile-csi': ['file.csi.azure.com', { skuName: 'Standard_LRS' }],
  'azurefile-premium': ['file.csi.azure.com', { skuName: 'Premium_LRS' }],
  'azurefile-csi-premium': ['file.csi.azure.com', { skuName: 'Premium_LRS' }],
  'azurefile-csi-nfs': ['file.csi.azure.com', { skuName: 'Premium_LRS', protocol: 'nfs' }],
  'local-path': ['rancher.io/local-path'],
  'microk8s-hostpath': ['microk8s.io/hostpath'],
  'do-block-storage': ['dobs.csi.digitalocean.com'],
  'linode-block-storage': ['linodebs.csi.linode.com'],
  'linode-block-storage-retain': ['linodebs.csi.linode.com'],
  'hcloud-volumes': ['csi.hetzner.cloud'],
  'oci-bv': ['blockvolume.csi.oraclecloud.com'],
  'ocs-storagecluster-ceph-rbd': ['openshift-storage.rbd.csi.ceph.com'],
  'ocs-storagecluster-cephfs': ['openshift-storage.cephfs.csi.ceph.com'],
};

/** The class that a cloud gives by this name. */
export function cloudClass(name: string): StorageBacking | undefined {
  if (!Object.hasOwn(CLOUD_CLASSES, name)) return undefined;
  const [provisioner = '', parameters = {}] = entryOf(CLOUD_CLASSES, name) ?? [];
  return { className: name, provisioner, parameters, sharing: sharingOf(provisioner, parameters) };
}
