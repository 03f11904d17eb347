/** Something that is gone, or will be. */
export interface Retired {
  /** For messages, with a capital: `PodDisruptionBudget of policy/v1beta1`. */
  readonly what: string;
  /** Day of its end, UTC: `2022-08-23`. */
  readonly date: string;
  /** What ended or will end on that day, after "since" or "on". */
  readonly end: string;
  /** What to write instead. */
  readonly instead: string;
  /** False where what is retired still answers after that day, so that nothing breaks. @default true */
  readonly isGone?: boolean;
}

/**
 * Releases of Kubernetes that stopped serving APIs, and the day each came out.
 * Source: https://kubernetes.io/releases/patch-releases/ and the releases' announcements.
 */
const RELEASES: Readonly<Record<string, string>> = {
  '1.15': '2019-06-19',
  '1.16': '2019-09-18',
  '1.21': '2021-04-08',
  '1.22': '2021-08-04',
  '1.24': '2022-05-03',
  '1.25': '2022-08-23',
  '1.26': '2022-12-09',
  '1.27': '2023-04-11',
  '1.28': '2023-08-15',
  '1.29': '2023-12-13',
  '1.30': '2024-04-17',
  '1.31': '2024-08-13',
  '1.32': '2024-12-11',
  '1.33': '2025-04-23',
};

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
  ['storage.k8s.io/v1beta1', 'CSIStorageCapacity', '1.27', 'storage.k8s.io/v1'],
];

/** APIs of what is installed into clusters. */
const OTHER_APIS: readonly (Retired & { readonly apiVersion: RegExp })[] = [
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
  return OTHER_APIS.find((api) => api.apiVersion.test(apiVersion));
}

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

const BITNAMI = {
  date: '2025-09-29', // https://github.com/bitnami/containers/issues/83267
  instead: "Use the project's own image, or mirror one into a registry of yours.",
};

/** Images by registry, repository and tag; the registry is `docker.io` where none is written. */
const IMAGES: readonly (Retired & { readonly image: RegExp })[] = [
  {
    image: /^(?:[a-z]+\.)?k8s\.gcr\.io\/|^gcr\.io\/google[-_]containers\//,
    what: 'The registry k8s.gcr.io',
    date: '2023-04-03', // https://kubernetes.io/blog/2023/02/06/k8s-gcr-io-freeze-announcement/
    end: 'it is frozen, and may be gone at any time',
    instead: 'Write registry.k8s.io.',
  },
  {
    // Only the tag latest stayed, for some.
    image: /^docker\.io\/bitnami\/[^:@]+(?::(?!latest(?:$|@)).+|@.+)$/,
    what: 'The image with a version of docker.io/bitnami',
    end: 'it was moved to docker.io/bitnamilegacy, which gets no updates, and cannot be pulled',
    ...BITNAMI,
  },
  {
    image: /^docker\.io\/bitnamilegacy\//,
    what: 'The archive docker.io/bitnamilegacy',
    end: 'it gets no updates and no security fixes',
    isGone: false,
    ...BITNAMI,
  },
  {
    image:
      /^[^/]+\/(?:ingress-nginx\/controller(?:-chroot)?|kubernetes-ingress-controller\/nginx-ingress-controller)(?:[:@]|$)/,
    what: 'ingress-nginx',
    date: '2026-03-31', // https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
    end: 'it gets no security fixes',
    instead: 'Use Gateway API, with a controller that is maintained.',
  },
  {
    image: /^gcr\.io\/kubebuilder\/kube-rbac-proxy(?:[:@]|$)/,
    what: 'The image gcr.io/kubebuilder/kube-rbac-proxy',
    date: '2025-03-18', // https://github.com/kubernetes-sigs/kubebuilder/discussions/3907
    end: 'it is no longer published, and may be gone',
    instead: 'Use quay.io/brancz/kube-rbac-proxy, or the authentication of controller-runtime.',
  },
  {
    image: /^docker\.pkg\.github\.com\//,
    what: 'The registry docker.pkg.github.com',
    date: '2025-02-24', // https://github.blog/changelog/2025-01-23-legacy-docker-registry-closing-down/
    end: 'it is closed',
    instead: 'Write ghcr.io.',
  },
  {
    image: /^docker\.io\/grafana\/promtail(?:[:@]|$)/,
    what: 'Promtail',
    date: '2026-03-02', // https://grafana.com/docs/loki/latest/send-data/promtail/
    end: 'it gets no security fixes',
    instead: 'Use Grafana Alloy.',
  },
  {
    image: /^docker\.io\/grafana\/agent(?:-operator)?(?:[:@]|$)/,
    what: 'Grafana Agent',
    date: '2025-11-01', // https://grafana.com/docs/agent/latest/
    end: 'it gets no security fixes',
    instead: 'Use Grafana Alloy.',
  },
  {
    image: /^quay\.io\/external_storage\//,
    what: 'The external-storage provisioners',
    date: '2020-11-30', // https://github.com/kubernetes-retired/external-storage
    end: 'the project is archived',
    instead: 'Use the CSI driver of the storage.',
  },
];

/** Why an image is retired. */
export function retiredImage(image: string): Retired | undefined {
  const [first = '', ...rest] = image.split('/');
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const full = hasRegistry
    ? image.replace(/^(?:index|registry-1)\.docker\.io\//, 'docker.io/')
    : `docker.io/${rest.length === 0 ? 'library/' : ''}${image}`;
  return IMAGES.find((each) => each.image.test(full));
}

/** Hosts and URLs, wherever they stand in a text. */
const ADDRESSES: readonly (Retired & { readonly address: RegExp })[] = [
  {
    address:
      /\b[\w-]{1,63}(?:\.privatelink)?\.redis\.cache\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)\b/i,
    what: 'Azure Cache for Redis',
    date: '2028-09-30', // https://learn.microsoft.com/azure/azure-cache-for-redis/retirement-faq
    end: 'Azure ends the service; it has made no new instances since 1 October 2026',
    instead: 'Use Azure Managed Redis (…redis.azure.net, port 10000).',
  },
  {
    address: /\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.redisenterprise\.cache\.azure\.net\b/i,
    what: 'Azure Cache for Redis Enterprise',
    date: '2027-03-31', // https://learn.microsoft.com/azure/azure-cache-for-redis/retirement-faq
    end: 'Azure ends the service',
    instead: 'Use Azure Managed Redis (…redis.azure.net, port 10000).',
  },
  {
    address: /\b[\w-]{1,63}(?:\.privatelink)?\.mariadb\.database\.azure\.com\b/i,
    what: 'Azure Database for MariaDB',
    date: '2025-09-19', // https://learn.microsoft.com/azure/mariadb/whats-happening-to-mariadb
    end: 'Azure has ended the service',
    instead: 'Use Azure Database for MySQL Flexible Server.',
  },
  {
    address:
      /\bkubernetes-charts(?:-incubator)?\.storage\.googleapis\.com\b|\bcharts\.helm\.sh\/(?:stable|incubator)\b/i,
    what: 'The chart repository Helm stable',
    date: '2020-11-13', // https://helm.sh/blog/charts-repo-deprecation/
    end: 'its charts get no updates',
    instead: "Use the chart of the application's own project.",
  },
  {
    address: /(?:^|[\s"'=/])(?:[a-z]+\.)?k8s\.gcr\.io(?=\/|["'\s]|$)/i,
    what: 'The registry k8s.gcr.io',
    date: '2023-04-03',
    end: 'it is frozen, and may be gone at any time',
    instead: 'Write registry.k8s.io.',
  },
];

/** A quick look, since hardly any text names one. */
const ANY_ADDRESS =
  /(?:azure\.(?:com|net)|windows\.net|chinacloudapi\.cn|usgovcloudapi\.net|googleapis\.com|helm\.sh|k8s\.gcr\.io)/i;

/** A retired service that a text names, and the address by which it does. */
export function retiredAddress(
  text: string,
): { readonly retired: Retired; readonly address: string } | undefined {
  if (!ANY_ADDRESS.test(text)) return undefined;
  for (const retired of ADDRESSES) {
    const [address] = retired.address.exec(text) ?? [];
    if (address !== undefined) return { retired, address: address.replace(/^[\s"'=/]+/, '') };
  }
  return singleServer(text);
}

const SINGLE_SERVERS: Readonly<Record<string, Retired>> = {
  postgres: {
    what: 'Azure Database for PostgreSQL Single Server',
    date: '2025-03-28', // https://learn.microsoft.com/azure/postgresql/migrate/whats-happening-to-postgresql-single-server
    end: 'Azure has ended the service',
    instead:
      'Use Azure Database for PostgreSQL Flexible Server, whose users have no @server after their name.',
  },
  mysql: {
    what: 'Azure Database for MySQL Single Server',
    date: '2024-09-16', // https://learn.microsoft.com/azure/mysql/migrate/whats-happening-to-mysql-single-server
    end: 'Azure has ended the service',
    instead: 'Use Azure Database for MySQL Flexible Server, whose users have no @server after their name.',
  },
};
const SERVER =
  /([a-z0-9-]{1,63})(?:\.privatelink)?\.(postgres|mysql)\.database\.(?:azure\.com|chinacloudapi\.cn|usgovcloudapi\.net)\b/i;

/** Flexible Servers have the same host names; only Single Server wants `user@server` as the user. */
function singleServer(text: string) {
  const [address, server, kind = ''] = SERVER.exec(text) ?? [];
  if (address === undefined || server === undefined) return undefined;
  const before = text.slice(0, text.indexOf(address)).toLowerCase();
  const after = text.slice(text.indexOf(address) + address.length).toLowerCase();
  const suffix = new RegExp(`(?:@|%40)${server.toLowerCase()}(?![\\w.-])`);
  const retired = SINGLE_SERVERS[kind.toLowerCase()];
  return retired && (suffix.test(before) || suffix.test(after)) ? { retired, address } : undefined;
}

/** The server of a host of Azure's databases: `db1` for `db1.postgres.database.azure.com`. */
export function azureServer(
  host: string,
): { readonly server: string; readonly retired: Retired } | undefined {
  const [, server, kind = ''] = SERVER.exec(host) ?? [];
  const retired = SINGLE_SERVERS[kind.toLowerCase()];
  return server !== undefined && retired ? { server, retired } : undefined;
}

export const INGRESS_NGINX: Retired = {
  what: 'ingress-nginx',
  date: '2026-03-31', // https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
  end: 'it gets no security fixes',
  instead: 'Use a Gateway API route, or a controller that is maintained.',
};

/** Ingress classes of managed controllers that are gone or going. */
export const RETIRED_CLASSES: Readonly<Record<string, Retired>> = {
  // https://learn.microsoft.com/azure/aks/app-routing
  'webapprouting.kubernetes.azure.com': {
    what: "AKS's application routing with NGINX",
    date: '2026-11-30',
    end: 'Azure supports it no longer',
    instead: 'Use its Gateway API implementation, or Application Gateway for Containers.',
  },
  // https://learn.microsoft.com/azure/aks/http-application-routing
  'addon-http-application-routing': {
    what: "AKS's HTTP application routing",
    date: '2025-03-03',
    end: 'Azure has ended the add-on',
    instead: 'Use a Gateway API route.',
  },
};

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
