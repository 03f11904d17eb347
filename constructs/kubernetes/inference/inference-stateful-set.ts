import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { StatefulSet } from 'kubernetes-types/apps/v1';
import { makeObjects, type Overrides } from '../objects';
import { possibleReplicas, type Workload } from '../workload';
import { modelLoad, modelPod } from './model-pod';
import { nodeIdentity, nodeObjects } from './node';
import { modelNodeProblems } from './problems';
import type { ModelNodeProps } from './props';

export interface InferenceStatefulSetProps extends ModelNodeProps {
  /** Everything in one process, or models only, with gateways and controllers elsewhere. @default `all` */
  readonly role?: 'all' | 'worker';
  /** Only pods with this ordinal or a higher one get a new version: a canary. @default 0, all of them */
  readonly partition?: number;
  /** Changes to the objects as written, field by field. See `Patch`. */
  readonly overrides?: Overrides<
    'statefulSet' | 'service' | 'peers' | 'metrics' | 'config' | 'serviceAccount'
  >;
}

/**
 * Nodes that hold models, as a StatefulSet: their names stay the same over restarts, so that sessions and prefixes
 * go back to the node that has them in its cache, and an update replaces pods in place, without spare GPUs.
 *
 * It makes the StatefulSet, a headless Service for peers, a headless Service for metrics, a ServiceAccount without
 * rights, the configuration, and for role `all` the Service for clients. Costs: each pod loads all models from the
 * store at its start. Replacing it keeps the store.
 *
 * @throws InvalidInputError with all problems of the props
 */
export class InferenceStatefulSet extends Construct {
  readonly statefulSet: ApiObject;
  /** The Service that routes go to. @default none for role `worker` */
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
  /** Seconds of patience with a pod that loads its models. */
  readonly startupBudgetSeconds: number;

  constructor(scope: Construct, id: string, props: InferenceStatefulSetProps) {
    super(scope, id);
    const { role = 'all', replicas } = props;
    const problems = modelNodeProblems(props, role);
    const node = nodeIdentity(props, role);
    const objects = nodeObjects(props, role);
    const load = modelLoad(props, possibleReplicas(replicas));
    const template = modelPod(props, {
      node,
      role,
      annotations: { ...objects.annotations, ...load.annotations },
      budgetSeconds: load.budgetSeconds,
    });
    const statefulSet = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: node.name, labels: { ...node.labels } },
      spec: {
        serviceName: node.peerService,
        ...(typeof replicas === 'number' ? { replicas } : {}),
        // Nodes don't wait for each other: after a power cut all of them load at once.
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: props.partition ?? 0 } },
        minReadySeconds: props.minReadySeconds ?? 10,
        revisionHistoryLimit: props.revisionHistoryLimit ?? 3,
        selector: { matchLabels: { ...node.selector } },
        template,
      },
    } satisfies StatefulSet;

    const made = makeObjects(this, { ...objects.manifests, statefulSet }, props.overrides, problems);
    this.statefulSet = made.statefulSet;
    this.service = made.service;
    this.peers = made.peers;
    this.metrics = made.metrics;
    this.config = made.config;
    this.serviceAccount = made.serviceAccount;
    this.peerService = node.peerService;
    this.startupBudgetSeconds = load.budgetSeconds;
    this.workload = {
      apiVersion: statefulSet.apiVersion,
      kind: statefulSet.kind,
      name: node.name,
      selector: node.selector,
      labels: node.labels,
      replicas,
      containers: template.spec.containers,
    };
  }
}
