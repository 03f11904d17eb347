import type { ConfigMap, Service, ServiceAccount } from 'kubernetes-types/core/v1';
import { PORTS, type Role } from '../../../runtime/contract.cjs';
import { contentHash } from '../../contracts';
import { labels, objectName, selectorLabels } from '../labels';
import type { ModelNodeProps, NodeProps } from './props';
import { shutdownSeconds } from './props';
import { runtimeConfig } from './runtime-config';

/** Names and labels of one role of a topology. */
export interface NodeIdentity {
  /** Name of the workload and prefix of what belongs to it alone: `chat`, `chat-worker`. */
  readonly name: string;
  /** The headless Service of all nodes, whatever their role. */
  readonly peerService: string;
  readonly serviceAccountName: string;
  readonly configMapName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
}

/** Whether a role answers clients. */
export function servesClients(role: Role): boolean {
  return role === 'all' || role === 'gateway';
}

/** How the objects of a role are called. The role that does everything goes by the topology's own name. */
export function nodeIdentity(props: NodeProps, role: Role): NodeIdentity {
  const name = objectName(props.name, role === 'all' ? undefined : role);
  const identity = {
    application: 'polypod-runtime',
    instance: props.name,
    component: role,
    partOf: props.partOf,
  };
  return {
    name,
    peerService: props.peerService ?? objectName(props.name, 'peers'),
    serviceAccountName: props.serviceAccountName ?? name,
    configMapName: objectName(name, 'config'),
    labels: labels(identity),
    selector: selectorLabels(identity),
  };
}

/** The objects that every role needs beside its workload, and annotations of its pods that follow from them. */
export function nodeObjects(props: NodeProps & Partial<ModelNodeProps>, role: Role) {
  const node = nodeIdentity(props, role);
  const metadata = (name: string) => ({ name, labels: { ...node.labels } });
  const config = runtimeConfig(props);
  const everyRole = {
    'app.kubernetes.io/name': 'polypod-runtime',
    'app.kubernetes.io/instance': props.name,
  };

  return {
    annotations: {
      // A changed file reaches running pods, but only what can change safely is read again: so pods roll.
      'polypod.dev/config-sha256': contentHash(config),
      'polypod.dev/drain-seconds': String(shutdownSeconds(props.shutdown).drain),
    },
    manifests: {
      serviceAccount:
        props.serviceAccountName === undefined
          ? ({
              apiVersion: 'v1',
              kind: 'ServiceAccount',
              metadata: metadata(node.serviceAccountName),
              automountServiceAccountToken: false,
            } satisfies ServiceAccount)
          : undefined,
      config: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: metadata(node.configMapName),
        data: { 'config.yaml': config },
      } satisfies ConfigMap,
      peers:
        props.peerService === undefined
          ? ({
              apiVersion: 'v1',
              kind: 'Service',
              metadata: metadata(node.peerService),
              spec: {
                clusterIP: 'None',
                // Nodes find each other while they load their models.
                publishNotReadyAddresses: true,
                selector: everyRole,
                ports: [{ name: 'peer', port: PORTS.peer, targetPort: 'peer', protocol: 'TCP' }],
              },
            } satisfies Service)
          : undefined,
      service: servesClients(role)
        ? ({
            apiVersion: 'v1',
            kind: 'Service',
            metadata: metadata(props.name),
            spec: {
              type: 'ClusterIP',
              selector: { ...node.selector },
              ports: [
                { name: 'api', port: PORTS.api, targetPort: 'api', protocol: 'TCP', appProtocol: 'http' },
              ],
              ...affinity(props.clientAffinitySeconds),
            },
          } satisfies Service)
        : undefined,
      metrics: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: metadata(objectName(node.name, 'metrics')),
        spec: {
          clusterIP: 'None',
          // A pod that is loading or draining is the one whose metrics matter.
          publishNotReadyAddresses: true,
          selector: { ...node.selector },
          ports: [{ name: 'metrics', port: PORTS.metrics, targetPort: 'metrics', protocol: 'TCP' }],
        },
      } satisfies Service,
    },
  };
}

function affinity(timeoutSeconds: number | undefined) {
  if (timeoutSeconds === undefined) return {};
  return { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
}
