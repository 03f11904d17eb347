import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { Problem } from '../../contracts';
import { makeObjects, type Overrides } from '../objects';
import { countProblems } from '../problems/count';
import { possibleReplicas, type Replicas, type Workload } from '../workload';
import { modelLoad, modelPod, serverOf, sharePod } from './model-pod';
import { type NodeIdentity, nodeIdentity, nodeObjects } from './node';
import { modelNodeProblems } from './problems';
import type { EngineProps, GpuProps, ModelNodeProps } from './props';

/** Label of all pods of a set, leaders and the others. */
const SET_LABEL = 'polypod.dev/leader-worker-set';
const COMPONENT_LABEL = 'app.kubernetes.io/component';

export interface InferenceLeaderWorkerSetProps extends ModelNodeProps {
  /** Everything in one process, or models only, with gateways and controllers elsewhere. @default `all` */
  readonly role?: 'all' | 'worker';
  /** Number of groups; each is one copy of the model. */
  readonly replicas: ModelNodeProps['replicas'];
  /** Nodes of a group, two or more. Each needs `engine.gpu.count` devices. Can't be changed in place. */
  readonly nodes: number;
  /** An engine that spans nodes. */
  readonly engine: EngineProps & { readonly name: 'vllm' | 'sglang'; readonly gpu: GpuProps };
  /**
   * Node label whose every value holds one group at most, and each group as a whole, such as a rack's or a node
   * pool's. Without it the nodes of a group may lie in different zones, which costs latency and traffic.
   *
   * @default none
   */
  readonly exclusiveTopology?: string;
  /** Only groups with this ordinal or a higher one get a new version: a canary. @default 0, all of them */
  readonly partition?: number;
  /** Changes to the objects as written, field by field. See `Patch`. */
  readonly overrides?: Overrides<
    'leaderWorkerSet' | 'service' | 'peers' | 'metrics' | 'config' | 'serviceAccount'
  >;
}

/**
 * Nodes for a model that does not fit one: groups of pods that load it together and start, fail and roll as one
 * (LeaderWorkerSet, leaderworkerset.x-k8s.io/v1, whose controller the cluster must have). The runtime stands beside
 * the leader's engine; the other pods hold a share of the model and no API.
 *
 * The engines' nodes talk to each other without encryption, over ports they choose themselves: allow all ports
 * between {@link group}'s pods, and nothing else to them. NCCL over TCP needs no rights; InfiniBand needs IPC_LOCK,
 * which `restricted` namespaces refuse.
 *
 * Losing any pod costs its group: all of its pods are made anew and load the model again.
 *
 * @throws InvalidInputError with all problems of the props
 */
export class InferenceLeaderWorkerSet extends Construct {
  readonly leaderWorkerSet: ApiObject;
  /** The Service that routes go to. @default none for role `worker` */
  readonly service: ApiObject | undefined;
  /** The headless Service of all nodes. @default none where an existing one was given */
  readonly peers: ApiObject | undefined;
  /** The headless Service to scrape. */
  readonly metrics: ApiObject;
  readonly config: ApiObject;
  readonly serviceAccount: ApiObject | undefined;
  /** The leaders: for autoscalers, policies and routes. */
  readonly workload: Workload;
  /** All pods of all groups: for budgets, and for policies among them. */
  readonly group: Workload;
  /** Name of the headless Service of all nodes, for the topology's other roles. */
  readonly peerService: string;
  /** Seconds of patience with a pod that loads its models. */
  readonly startupBudgetSeconds: number;

  constructor(scope: Construct, id: string, props: InferenceLeaderWorkerSetProps) {
    super(scope, id);
    const { role = 'all', replicas, nodes } = props;
    const problems = [...modelNodeProblems(props, role), ...groupProblems(props)];
    const leader = inSet(nodeIdentity(props, role));
    const objects = nodeObjects(props, role);
    const load = modelLoad(props, possibleReplicas(replicas) * nodes);
    const pod = {
      role,
      annotations: { ...objects.annotations, ...load.annotations },
      budgetSeconds: load.budgetSeconds,
    };
    const leaderTemplate = modelPod(props, { ...pod, node: leader, group: { rank: 'leader', nodes } });
    const leaderWorkerSet = {
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      metadata: { name: leader.name, labels: { ...leader.labels }, ...exclusive(props.exclusiveTopology) },
      spec: {
        ...(typeof replicas === 'number' ? { replicas } : {}),
        startupPolicy: 'LeaderCreated',
        rolloutStrategy: {
          type: 'RollingUpdate',
          rollingUpdateConfiguration: { partition: props.partition ?? 0, maxUnavailable: 1, maxSurge: 0 },
        },
        leaderWorkerTemplate: {
          size: nodes,
          restartPolicy: 'RecreateGroupOnPodRestart',
          leaderTemplate,
          workerTemplate: sharePod(props, {
            ...pod,
            node: asShare(leader),
            group: { rank: 'worker', nodes },
          }),
        },
      },
    };

    const made = makeObjects(this, { ...objects.manifests, leaderWorkerSet }, props.overrides, problems);
    this.leaderWorkerSet = made.leaderWorkerSet;
    this.service = made.service;
    this.peers = made.peers;
    this.metrics = made.metrics;
    this.config = made.config;
    this.serviceAccount = made.serviceAccount;
    this.peerService = leader.peerService;
    this.startupBudgetSeconds = load.budgetSeconds;
    this.workload = {
      apiVersion: leaderWorkerSet.apiVersion,
      kind: leaderWorkerSet.kind,
      name: leader.name,
      selector: leader.selector,
      labels: leader.labels,
      replicas,
      containers: leaderTemplate.spec.containers,
    };
    this.group = {
      ...this.workload,
      selector: { [SET_LABEL]: leader.name },
      replicas: times(replicas, nodes),
    };
  }
}

function times(groups: Replicas, nodes: number): Replicas {
  return typeof groups === 'number' ? groups * nodes : { min: groups.min * nodes, max: groups.max * nodes };
}

function inSet(node: NodeIdentity): NodeIdentity {
  return { ...node, labels: { ...node.labels, [SET_LABEL]: node.name } };
}

/** A pod without the runtime must not be selected by the Services of those with it. */
function asShare(leader: NodeIdentity): NodeIdentity {
  const share = { [COMPONENT_LABEL]: 'engine' };
  return {
    ...leader,
    labels: { ...leader.labels, ...share },
    selector: { ...leader.selector, ...share },
  };
}

function exclusive(topologyKey: string | undefined) {
  return topologyKey === undefined
    ? {}
    : { annotations: { 'leaderworkerset.sigs.k8s.io/exclusive-topology': topologyKey } };
}

function groupProblems({ nodes, engine }: InferenceLeaderWorkerSetProps): Problem[] {
  const problems = countProblems('nodes', nodes, 2);
  if (serverOf(engine)?.groupArgs === undefined) {
    problems.push({
      path: 'engine.name',
      value: engine.name,
      reason: 'can hold a model on one node only',
      mend: 'take vllm or sglang, or an InferenceStatefulSet',
    });
  }
  if (engine.gpu === undefined) {
    problems.push({
      path: 'engine.gpu',
      value: undefined,
      reason: 'is missing: the nodes of a group share a model between their GPUs',
      mend: 'say how many each node has, such as { count: 8 }',
    });
  }
  return problems;
}
