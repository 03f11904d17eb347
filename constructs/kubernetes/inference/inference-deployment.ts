import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { Deployment } from 'kubernetes-types/apps/v1';
import { makeObjects, type Overrides } from '../objects';
import type { Workload } from '../workload';
import { nodeIdentity, nodeObjects } from './node';
import { podTemplate } from './pod-template';
import { nodeProblems } from './problems';
import type { NodeProps } from './props';
import { runtimeContainer, runtimeVolumes } from './runtime-container';
import { runtimeEnvironment } from './runtime-environment';

/** Seconds until a gateway or controller that does not answer is given up: it loads no model. */
const STARTUP_SECONDS = 120;

export interface InferenceDeploymentProps extends NodeProps {
  /** API, sessions and streams; or the leader's duties, of which one pod does them and the others stand by. */
  readonly role: 'gateway' | 'controller';
  /** Changes to the objects as written, field by field. See `Patch`. */
  readonly overrides?: Overrides<
    'deployment' | 'service' | 'peers' | 'metrics' | 'config' | 'serviceAccount'
  >;
}

/**
 * Nodes that hold no model, as a Deployment: they keep nothing that another could not take over, so an update
 * starts a new pod before it stops an old one, and capacity never falls.
 *
 * It makes the Deployment, a headless Service for metrics, a ServiceAccount without rights, the configuration, for
 * role `gateway` the Service for clients, and the headless Service for peers unless an existing one is given.
 *
 * @throws InvalidInputError with all problems of the props
 */
export class InferenceDeployment extends Construct {
  readonly deployment: ApiObject;
  /** The Service that routes go to. @default none for role `controller` */
  readonly service: ApiObject | undefined;
  /** The headless Service of all nodes. @default none where an existing one was given */
  readonly peers: ApiObject | undefined;
  /** The headless Service to scrape. */
  readonly metrics: ApiObject;
  readonly config: ApiObject;
  readonly serviceAccount: ApiObject | undefined;
  /** For autoscalers, budgets, policies and routes. */
  readonly workload: Workload;
  /** Name of the headless Service of all nodes, for the topology's other roles. */
  readonly peerService: string;

  constructor(scope: Construct, id: string, props: InferenceDeploymentProps) {
    super(scope, id);
    const { role, replicas } = props;
    const problems = nodeProblems(props, role);
    const node = nodeIdentity(props, role);
    const objects = nodeObjects(props, role);
    const environment = runtimeEnvironment(props, role, node.peerService);
    const template = podTemplate(props, {
      labels: node.labels,
      selector: node.selector,
      annotations: objects.annotations,
      serviceAccountName: node.serviceAccountName,
      containers: [runtimeContainer(props, environment, STARTUP_SECONDS, { mountsModels: false })],
      volumes: runtimeVolumes(node.configMapName, environment),
      images: [props.image],
      // Pods of the old version, which are about to go, do not count.
      matchLabelKeys: ['pod-template-hash'],
    });
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: node.name, labels: { ...node.labels } },
      spec: {
        ...(typeof replicas === 'number' ? { replicas } : {}),
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        minReadySeconds: props.minReadySeconds ?? 10,
        revisionHistoryLimit: props.revisionHistoryLimit ?? 3,
        selector: { matchLabels: { ...node.selector } },
        template,
      },
    } satisfies Deployment;

    const made = makeObjects(this, { ...objects.manifests, deployment }, props.overrides, problems);
    this.deployment = made.deployment;
    this.service = made.service;
    this.peers = made.peers;
    this.metrics = made.metrics;
    this.config = made.config;
    this.serviceAccount = made.serviceAccount;
    this.peerService = node.peerService;
    this.workload = {
      apiVersion: deployment.apiVersion,
      kind: deployment.kind,
      name: node.name,
      selector: node.selector,
      labels: node.labels,
      replicas,
      containers: template.spec.containers,
    };
  }
}
