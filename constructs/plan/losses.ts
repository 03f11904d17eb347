import type { Model, Workload } from '../checks/model';
import type { BackingFacts, PlanFacts } from './facts';
import { type Server, serverUses } from './servers';
import { type Spread, spreadOf } from './spread';
import { standingWorkloads } from './workloads';
import { zoneLoss } from './zone-loss';

/**
 * What is left of something after a loss: `kept` where a rule of the scheduler promises it, `usual` where it only tries,
 * `none` where nothing does, `unknown` where that depends on what manifests do not say.
 */
export interface LossPlan {
  readonly lost: 'node' | 'zone' | 'cache' | 'database';
  /** A workload, a claim, or the server that is lost. */
  readonly subject: string;
  /** Pods before, at the minimum. @default null: no pods */
  readonly pods: number | null;
  /** Pods that go on at the least. @default null: no pods */
  readonly keeps: number | null;
  readonly promise: 'kept' | 'usual' | 'none' | 'unknown';
  /** What happens, in words. */
  readonly text: string;
}

/** Zones that a cluster is reckoned to have. */
const ZONES = 3;

/** What survives the loss of a node, of a zone, of each cache and of each database. */
export function lossPlans(model: Model, facts: PlanFacts): LossPlan[] {
  const workloads = standingWorkloads(model).filter(
    // The workers of a LeaderWorkerSet are parts of one replica, whose leader stands for it.
    ({ kind, role, replicas }) =>
      kind !== 'DaemonSet' && replicas.guaranteed > 0 && !(kind === 'LeaderWorkerSet' && role === 'worker'),
  );
  return [
    ...workloads.map(nodeLoss),
    ...workloads.map(zoneLossOfPods),
    ...zoneLoss(model),
    ...serverLosses(model, facts),
  ];
}

function nodeLoss(workload: Workload): LossPlan {
  const pods = workload.replicas.guaranteed;
  const spread = spreadOf(workload);
  const common = { lost: 'node', subject: workload.label, pods } as const;
  if (pods === 1) return { ...common, ...alone(workload, 'node') };
  if (spread.oneANode || spread.nodes === 'required') {
    const text = spread.oneANode
      ? 'no two of them share a node'
      : `they are spread evenly, one a node where there are ${pods} nodes`;
    return { ...common, keeps: pods - 1, promise: 'kept', text };
  }
  if (spread.zones === 'required') {
    const keeps = pods - Math.ceil(pods / ZONES);
    const text = `they are spread over zones; ${keeps === pods - 1 ? 'one' : `at most ${pods - keeps}`} of them in one zone may share a node`;
    return { ...common, keeps, promise: 'kept', text: keeps === pods - 1 ? 'each zone holds one' : text };
  }
  if (spread.nodes === 'preferred' || spread.zones === 'preferred') {
    const text = 'the scheduler keeps them apart where there is room; it does not promise to';
    return { ...common, keeps: pods - 1, promise: 'usual', text };
  }
  return {
    ...common,
    keeps: 0,
    promise: 'none',
    text: `all ${pods} may run on it: nothing keeps them apart`,
  };
}

function zoneLossOfPods(workload: Workload): LossPlan {
  const pods = workload.replicas.guaranteed;
  const { zones }: Spread = spreadOf(workload);
  const common = { lost: 'zone', subject: workload.label, pods } as const;
  if (pods === 1) return { ...common, ...alone(workload, 'zone') };
  const keeps = pods - Math.ceil(pods / ZONES);
  if (zones === 'required') {
    return { ...common, keeps, promise: 'kept', text: `they are spread evenly over ${ZONES} zones` };
  }
  if (zones === 'preferred') {
    const text = `spread over ${ZONES} zones where there is room; not promised`;
    return { ...common, keeps, promise: 'usual', text };
  }
  const text = `all ${pods} may run in it: nothing spreads them over zones`;
  return { ...common, keeps: 0, promise: 'none', text };
}

/** One pod: away until it is started elsewhere, if its disk can go there. */
function alone({ kind, volumes }: Workload, lost: 'node' | 'zone') {
  const disk = volumes.some(({ claim }) => claim !== undefined && !claim.allowsSharing);
  const text =
    disk && lost === 'zone'
      ? 'its one pod waits for its disk, which lies in that zone as a rule'
      : kind === 'StatefulSet'
        ? 'its one pod is started elsewhere once the cluster has removed the lost node'
        : kind === 'Pod'
          ? 'a bare pod: nothing starts it again'
          : 'its one pod is started elsewhere, 5 minutes after its node went silent as a rule';
  return { keeps: 0, promise: 'none', text } as const;
}

function serverLosses(model: Model, facts: PlanFacts): LossPlan[] {
  const servers = new Map<string, { server: Server; clients: string[] }>();
  for (const workload of standingWorkloads(model)) {
    for (const { server } of serverUses(workload)) {
      const known = servers.get(server.key);
      if (known) known.clients.push(workload.label);
      else servers.set(server.key, { server, clients: [workload.label] });
    }
  }
  return [...servers.values()].flatMap(({ server, clients }): LossPlan[] => {
    if (server.kind !== 'cache' && server.kind !== 'database') return [];
    const pods = server.workload?.replicas.guaranteed ?? null;
    const known: BackingFacts = facts[server.kind] ?? {};
    const without = known.without ?? `what happens to ${clients.join(', ')} is not said here`;
    return [
      {
        lost: server.kind,
        subject: `${server.product} ${server.host}`,
        pods,
        keeps: pods === null ? null : pods - 1,
        promise: pods === 1 ? 'none' : 'unknown',
        text: `${availabilityOf(server, known, pods)}. Until it is back: ${without}`,
      },
    ];
  });
}

function availabilityOf({ workload }: Server, known: BackingFacts, pods: number | null): string {
  if (known.availability !== undefined) return known.availability;
  if (pods === 1) return `One pod, ${workload?.label ?? ''}: it is back once that runs again`;
  if (pods !== null) return `${pods} pods of ${workload?.label ?? ''}: how they fail over, they alone know`;
  return 'Outside this input: how it fails over, its owner knows';
}
