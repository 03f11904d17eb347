import { RELEASES, type Retired } from './retired';

/**
 * Volumes whose code is no longer in Kubernetes. Calls for the clouds' are handed to a CSI driver, where one is
 * installed; the others fail. Source: https://kubernetes.io/docs/concepts/storage/volumes/.
 */
const VOLUMES: Readonly<Record<string, readonly [release: string, instead: string]>> = {
  awsElasticBlockStore: ['1.27', 'ebs.csi.aws.com'],
  azureDisk: ['1.27', 'disk.csi.azure.com'],
  azureFile: ['1.30', 'file.csi.azure.com'],
  cinder: ['1.26', 'cinder.csi.openstack.org'],
  gcePersistentDisk: ['1.28', 'pd.csi.storage.gke.io'],
  vsphereVolume: ['1.30', 'csi.vsphere.vmware.com'],
  glusterfs: ['1.26', 'another network file system'],
  cephfs: ['1.31', 'cephfs.csi.ceph.com'],
  rbd: ['1.31', 'rbd.csi.ceph.com'],
  flocker: ['1.25', 'a driver that is maintained'],
  quobyte: ['1.25', 'quobyte-csi'],
  storageos: ['1.25', 'a driver that is maintained'],
  scaleIO: ['1.22', 'csi-vxflexos.dellemc.com'],
  photonPersistentDisk: ['1.22', 'csi.vsphere.vmware.com'],
};
/** In-tree provisioners of StorageClasses, by the volumes that they made. */
const PROVISIONERS: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'awsElasticBlockStore',
  'kubernetes.io/azure-disk': 'azureDisk',
  'kubernetes.io/azure-file': 'azureFile',
  'kubernetes.io/cinder': 'cinder',
  'kubernetes.io/gce-pd': 'gcePersistentDisk',
  'kubernetes.io/vsphere-volume': 'vsphereVolume',
  'kubernetes.io/glusterfs': 'glusterfs',
  'kubernetes.io/rbd': 'rbd',
  'kubernetes.io/quobyte': 'quobyte',
  'kubernetes.io/storageos': 'storageos',
  'kubernetes.io/scaleio': 'scaleIO',
};

/** Why a type of volume, as a pod or a PersistentVolume names it, is retired. */
export function retiredVolume(type: string): Retired | undefined {
  if (type === 'gitRepo') {
    return {
      what: 'The volume type gitRepo',
      date: RELEASES['1.33'] ?? '',
      end: 'Kubernetes 1.33 and later have it switched off',
      instead: 'Clone into an emptyDir in an init container.',
    };
  }
  return Object.hasOwn(VOLUMES, type)
    ? inTree(`The volume type ${type}`, type, 'a claim of a class of')
    : undefined;
}

/** Why the provisioner of a StorageClass is retired. */
export function retiredProvisioner(provisioner: string): Retired | undefined {
  const type = Object.hasOwn(PROVISIONERS, provisioner) ? PROVISIONERS[provisioner] : undefined;
  return type === undefined ? undefined : inTree(`The provisioner ${provisioner}`, type, 'provisioner');
}

function inTree(what: string, type: string, instead: string): Retired {
  const [release = '', driver = ''] = VOLUMES[type] ?? [];
  return {
    what,
    date: RELEASES[release] ?? '',
    end: `its code is no longer in Kubernetes, from ${release} on`,
    instead: `Use ${instead} ${driver}.`,
  };
}

/** The socket of Docker on a node. Source: https://kubernetes.io/blog/2022/05/03/dockershim-historical-context/. */
export const DOCKER_SOCKET: Retired = {
  what: "The node's docker.sock",
  date: RELEASES['1.24'] ?? '',
  end: 'nodes run containerd or CRI-O, from Kubernetes 1.24 on',
  instead: 'Ask the CRI socket of the node, or the Kubernetes API; build images with BuildKit in a pod.',
};

/** Annotations of pods that nothing reads any more. */
export const RETIRED_ANNOTATIONS: readonly (Retired & { readonly name: RegExp })[] = [
  {
    name: /^(?:container\.)?seccomp\.security\.alpha\.kubernetes\.io\//,
    what: 'The seccomp annotation',
    date: RELEASES['1.27'] ?? '', // https://kubernetes.io/docs/tutorials/security/seccomp/
    end: 'Kubernetes 1.27 and later do not read it, so that the profile is not applied',
    instead: 'Write securityContext.seccompProfile.',
  },
  {
    name: /^scheduler\.alpha\.kubernetes\.io\/critical-pod$/,
    what: 'The annotation critical-pod',
    date: RELEASES['1.16'] ?? '', // https://github.com/kubernetes/kubernetes/pull/79554
    end: 'Kubernetes 1.16 and later do not read it',
    instead: 'Write priorityClassName.',
  },
];
