import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  guaranteedReplicas,
  Observability,
  objectName,
  queueQuery,
  type Workload,
} from '../../constructs/kubernetes';
import type { InferenceSettings, SystemSettings } from '../topology';
import type { SizedWorkload } from '../topology/settings';
import type { StackBacking } from './backing';

/** What a system is made of, for those who watch it. */
export interface Watched {
  /** Its own workloads, as the topology sizes them. */
  readonly sized: readonly { readonly settings: SizedWorkload; readonly workload: Workload }[];
  readonly backing: StackBacking;
  /** Names of its claims. */
  readonly claims: readonly string[];
  /** Workloads that run the runtime, in any role. @default none */
  readonly nodes?: readonly Workload[];
}

type WatchedSettings = Pick<SystemSettings, 'name' | 'backup'> & Pick<InferenceSettings, 'observability'>;

/** Adds what shows how the system is, where the topology asks for it. */
export function observe(
  scope: Construct,
  { name, observability, backup }: WatchedSettings,
  { sized, backing, claims, nodes = [] }: Watched,
): void {
  if (observability === 'off') return;
  const { firstToken, betweenTokens, scrapeInterval, runbooks } = observability;
  const namespace = Chart.of(scope).namespace ?? '';
  new Observability(scope, 'observability', {
    name,
    workloads: [...sized, ...backing.servers].map(({ workload }) => workload),
    claims,
    ...(nodes.length > 0 && {
      runtime: {
        nodes: nodes.reduce((sum, { replicas }) => sum + guaranteedReplicas(replicas), 0),
        latency: { firstTokenSeconds: firstToken?.seconds, interTokenSeconds: betweenTokens?.seconds },
      },
    }),
    autoscaled: sized.flatMap(({ settings: { autoscaling }, workload }) => {
      if (!autoscaling) return [];
      return [
        { workload, ...(autoscaling.signal === 'queue' && { query: queueQuery(workload, namespace) }) },
      ];
    }),
    ...(backup !== 'off' && {
      backup: { cronJob: objectName(name, 'backup'), seconds: backup.alertAfter.seconds },
    }),
    labels: observability.labels,
    dashboardLabels: observability.dashboardLabels,
    scrapeSeconds: scrapeInterval.seconds,
    runbooks,
  });
}
