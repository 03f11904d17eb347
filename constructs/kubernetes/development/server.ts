import type { ApiObject } from 'cdk8s';
import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type {
  Container,
  PersistentVolumeClaim,
  PodSpec,
  Probe,
  Service,
  Volume,
  VolumeMount,
} from 'kubernetes-types/core/v1';
import {
  type CredentialsReference,
  type ImageReference,
  imageName,
  isPlaceholder,
  type Problem,
} from '../../contracts';
import { dnsSubdomainFault } from '../../contracts/names';
import { parseByteSize } from '../../contracts/units';
import {
  type Identity,
  LONGEST_WORKLOAD_NAME,
  labels,
  nameProblems,
  objectName,
  selectorLabels,
} from '../labels';
import { countProblems } from '../problems/count';
import { faultProblems } from '../problems/fault';
import { imageProblems } from '../problems/image';
import { RESTRICTED_CONTAINER, restrictedPod } from '../security';

/** Where a server keeps its data: a claim made for it, which outlives it, or one that exists. */
type ServerVolume =
  | {
      /** As a Kubernetes quantity. @default `1Gi` */
      readonly size?: string;
      /** @default the cluster's default class */
      readonly storageClass?: string;
    }
  | { readonly existingClaim: string };

/** What every development server takes. */
export interface DevelopmentServerProps {
  /** Name of the server: its StatefulSet, its Service and so its host. */
  readonly name: string;
  /** The topology that it belongs to: label `app.kubernetes.io/instance`. @default the name */
  readonly instance?: string;
  /** User and password, in a Secret of the namespace that exists before the server starts. */
  readonly credentials: CredentialsReference;
  /** The image. One of your own must have the same commands, and the official one's entrypoint for databases. */
  readonly image?: ImageReference;
  /** Deleting the server, or scaling it to zero, keeps the claim and its data. @default a claim of 1Gi is made */
  readonly volume?: ServerVolume;
  /** User and group of the process and its files. @default 999, that of the official Debian images */
  readonly uid?: number;
  /** Memory, requested and as the limit. @default reckoned from the server's own settings */
  readonly memory?: string;
  /** CPU requested. @default `250m` */
  readonly cpu?: string;
}

export interface DevelopmentServerObjects {
  readonly statefulSet: ApiObject;
  /** What clients use: its address stays when the pod is replaced. */
  readonly service: ApiObject;
  /** What the StatefulSet needs for its pod's name. */
  readonly headlessService: ApiObject;
}

/** What differs between the servers. */
export interface Server {
  readonly identity: Identity;
  readonly image: ImageReference;
  readonly portName: string;
  readonly port: number;
  readonly maxConnections: number;
  /** Bytes of memory where none are given. */
  readonly memory: number;
  readonly container: Pick<Container, 'command' | 'args' | 'env'>;
  /** Mount of the data volume. */
  readonly data: Pick<VolumeMount, 'mountPath' | 'subPath'>;
  /** Directories that the server writes besides, by volume name; the root file system is read-only. */
  readonly scratch: Readonly<Record<string, string>>;
  /** Further volumes and their mounts. */
  readonly shared?: { readonly volume: Volume; readonly mountPath: string };
  /** Says in good time whether the server takes queries. */
  readonly ready: Probe['exec'];
  /** Seconds for a clean stop. */
  readonly grace: number;
}

/** Folder of the files `username` and `password`. */
export const CREDENTIALS = '/run/secrets/polypod/server';
const MEBIBYTE = 2 ** 20;

export function identityOf(props: DevelopmentServerProps, application: string, component: string): Identity {
  return { application, instance: props.instance ?? props.name, component };
}

export function serverProblems(props: DevelopmentServerProps): Problem[] {
  const { volume = {}, credentials, uid } = props;
  return [
    ...nameProblems('name', props.name, LONGEST_WORKLOAD_NAME),
    ...nameProblems('instance', props.instance ?? props.name),
    ...faultProblems('credentials.secretName', credentials.secretName, dnsSubdomainFault),
    ...('existingClaim' in volume
      ? faultProblems('volume.existingClaim', volume.existingClaim, dnsSubdomainFault)
      : [
          ...sizeProblems('volume.size', volume.size),
          ...faultProblems('volume.storageClass', volume.storageClass, dnsSubdomainFault),
        ]),
    ...sizeProblems('memory', props.memory),
    ...imageProblems('image', props.image),
    // 0 is root.
    ...countProblems('uid', uid, 1),
  ];
}

/** What is wrong with a size, if it is given. */
export function sizeProblems(path: string, text: string | undefined): Problem[] {
  if (text === undefined || isPlaceholder(text)) return [];
  const size = parseByteSize(text);
  return size.ok ? [] : [{ path, value: text, ...size.fault }];
}

/** Settings from which others are reckoned can't be known only when a cloud has answered. */
export function reckonedProblems(values: Readonly<Record<string, string | number>>): Problem[] {
  return Object.entries(values).flatMap(([path, value]) =>
    isPlaceholder(value)
      ? [
          {
            path,
            value,
            reason: 'is known only later, and memory is reckoned from it',
            mend: 'write a value',
          },
        ]
      : [],
  );
}

/** Bytes of a size that has been checked. */
export function bytesOf(text: string): number {
  const size = parseByteSize(text);
  return size.ok ? size.value.bytes : 0;
}

/** The host name that resolves in the server's namespace and, where the namespace is known, in all others. */
export function hostOf(name: string, namespace: string | undefined): string {
  return namespace === undefined ? name : `${name}.${namespace}.svc`;
}

/** One replica, no budget: a drain may move it, and its clients wait or degrade meanwhile. */
export function serverManifests(props: DevelopmentServerProps, server: Server) {
  const { name } = props;
  const { identity, port, portName } = server;
  const headless = objectName(name, 'headless');
  const selector = selectorLabels(identity);
  const ports = [{ name: portName, port, targetPort: portName, protocol: 'TCP' as const }];
  return {
    statefulSet: {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name, labels: labels(identity) },
      spec: {
        serviceName: headless,
        replicas: 1,
        selector: { matchLabels: selector },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        template: { metadata: { labels: labels(identity) }, spec: podSpec(props, server) },
        ...claimTemplates(props, identity),
      },
    } satisfies StatefulSet,
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        labels: labels(identity),
        annotations: { 'polypod.dev/max-connections': String(server.maxConnections) },
      },
      spec: { type: 'ClusterIP', selector, ports },
    } satisfies Service,
    headlessService: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: headless, labels: labels(identity) },
      spec: { clusterIP: 'None', selector, ports },
    } satisfies Service,
  };
}

function claimTemplates(
  { volume = {} }: DevelopmentServerProps,
  identity: Identity,
): { volumeClaimTemplates?: PersistentVolumeClaim[] } {
  if ('existingClaim' in volume) return {};
  return {
    volumeClaimTemplates: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', labels: selectorLabels(identity) },
        spec: {
          accessModes: ['ReadWriteOnce'],
          ...(volume.storageClass === undefined ? {} : { storageClassName: volume.storageClass }),
          resources: { requests: { storage: volume.size ?? '1Gi' } },
        },
      },
    ],
  };
}

function podSpec(props: DevelopmentServerProps, server: Server): PodSpec {
  const { credentials, uid = 999, volume = {} } = props;
  const { image, port, portName, ready, shared } = server;
  const memory = props.memory ?? `${Math.ceil(server.memory / MEBIBYTE)}Mi`;
  const pullSecrets = image.pullSecrets ?? [];
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: restrictedPod(uid, uid),
    terminationGracePeriodSeconds: server.grace,
    ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
    containers: [
      {
        name: server.identity.component,
        image: imageName(image),
        ...server.container,
        ports: [{ name: portName, containerPort: port, protocol: 'TCP' }],
        // A first start writes the data directory, and one after a crash replays the log: up to five minutes.
        startupProbe: { exec: ready, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 },
        readinessProbe: { exec: ready, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
        // Only whether the port is open: a busy server is not a dead one.
        livenessProbe: {
          tcpSocket: { port: portName },
          periodSeconds: 10,
          timeoutSeconds: 5,
          failureThreshold: 6,
        },
        resources: { requests: { cpu: props.cpu ?? '250m', memory }, limits: { memory } },
        securityContext: RESTRICTED_CONTAINER,
        volumeMounts: [
          { name: 'data', ...server.data },
          { name: 'credentials', mountPath: CREDENTIALS, readOnly: true },
          ...Object.entries(server.scratch).map(([name, mountPath]) => ({ name, mountPath })),
          ...(shared === undefined ? [] : [{ name: shared.volume.name, mountPath: shared.mountPath }]),
        ],
      },
    ],
    volumes: [
      ...('existingClaim' in volume
        ? [{ name: 'data', persistentVolumeClaim: { claimName: volume.existingClaim } }]
        : []),
      {
        name: 'credentials',
        secret: {
          secretName: credentials.secretName,
          defaultMode: 0o440,
          items: [
            { key: credentials.usernameKey ?? 'username', path: 'username' },
            { key: credentials.passwordKey ?? 'password', path: 'password' },
          ],
        },
      },
      ...Object.keys(server.scratch).map((name) => ({ name, emptyDir: { sizeLimit: '512Mi' } })),
      ...(shared === undefined ? [] : [shared.volume]),
    ],
  };
}
