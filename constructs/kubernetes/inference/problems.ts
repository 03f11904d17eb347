import type { Role } from '../../../runtime/contract.cjs';
import { isPlaceholder, type Problem } from '../../contracts';
import { LONGEST_WORKLOAD_NAME, nameProblems } from '../labels';
import { countProblems } from '../problems/count';
import { imageProblems } from '../problems/image';
import { replicasProblems } from '../problems/replicas';
import { resourceProblems } from '../problems/resources';
import { possibleReplicas } from '../workload';
import { engineProblems, modelProblems } from './model-problems';
import { servesClients } from './node';
import { type ModelNodeProps, type NodeProps, shutdownSeconds } from './props';

/** Below lie the ids of a node's own users; a pod that breaks out must not be one of them. */
const LEAST_ID = 10_000;

/** Everything that is wrong with the props of a node. */
export function nodeProblems(props: NodeProps, role: Role): Problem[] {
  const suffix = role === 'all' ? 0 : role.length + 1;
  return [
    ...nameProblems('name', props.name, LONGEST_WORKLOAD_NAME - suffix),
    ...imageProblems('image', props.image),
    ...replicasProblems('replicas', props.replicas),
    ...resourceProblems('resources', props.resources),
    ...sharedStateProblems(props, role),
    ...connectionProblems('database', props.databasePoolSize ?? 20, props.database?.maxConnections, props),
    ...connectionProblems('cache', props.cachePoolSize ?? 10, props.cache?.maxConnections, props),
    ...shutdownProblems(props),
    ...affinityProblems(props, role),
    ...countProblems('uid', props.uid, LEAST_ID),
    ...countProblems('gid', props.gid, LEAST_ID),
    ...countProblems('minReadySeconds', props.minReadySeconds),
    ...countProblems('revisionHistoryLimit', props.revisionHistoryLimit),
  ];
}

/** Everything that is wrong with the props of a node that holds models. */
export function modelNodeProblems(
  props: ModelNodeProps & { readonly partition?: number },
  role: Role,
): Problem[] {
  return [
    ...nodeProblems(props, role),
    ...countProblems('partition', props.partition),
    ...modelProblems(props),
    ...engineProblems(props),
    ...countProblems('modelStore.storage.uid', props.modelStore.storage.uid, LEAST_ID),
    ...countProblems('modelStore.storage.gid', props.modelStore.storage.gid, LEAST_ID),
    ...ownerProblems('uid', props),
    ...ownerProblems('gid', props),
    ...countProblems('startupBudgetSeconds', props.startupBudgetSeconds, 1),
  ];
}

/** Pods that run as somebody else than the owner of the store's files could not write them. */
function ownerProblems(id: 'uid' | 'gid', props: ModelNodeProps): Problem[] {
  const owner = props.modelStore.storage[id];
  if (props[id] === undefined || owner === undefined || props[id] === owner) return [];
  const reason = `is not the owner of the store's files, ${owner}`;
  return [{ path: id, value: props[id], reason, mend: 'leave it out, or give the storage the same' }];
}

/** More than one process is one system only through what all of them share. */
function sharedStateProblems(props: NodeProps, role: Role): Problem[] {
  if (role === 'all' && possibleReplicas(props.replicas) <= 1) return [];
  const why = role === 'all' ? 'there can be more than one pod' : `${role}s are no system by themselves`;
  const missing = (path: 'database' | 'cache' | 'clusterSecret', without: string, mend: string): Problem[] =>
    props[path] === undefined
      ? [{ path, value: undefined, reason: `is missing, and ${why}: ${without}`, mend }]
      : [];
  const postgres: Problem[] =
    props.database?.engine === 'mysql'
      ? [
          {
            path: 'database.engine',
            value: 'mysql',
            reason: 'is not what the runtime speaks',
            mend: 'give a PostgreSQL database',
          },
        ]
      : [];
  return [
    ...missing('database', 'nodes would not find each other', 'give a PostgreSQL connection'),
    ...missing('cache', 'a stream would die with its pod', 'give a Redis or Valkey connection'),
    ...missing(
      'clusterSecret',
      'anybody could call nodes as a peer',
      'name a Secret and the key of a random value',
    ),
    ...postgres,
  ];
}

function connectionProblems(
  kind: 'database' | 'cache',
  poolSize: number,
  maxConnections: number | undefined,
  { replicas }: NodeProps,
): Problem[] {
  const path = `${kind}PoolSize`;
  const problems = countProblems(path, poolSize, 1);
  if (problems.length > 0 || maxConnections === undefined || isPlaceholder(maxConnections)) return problems;
  const pods = possibleReplicas(replicas);
  if (pods * poolSize <= maxConnections) return [];
  const fits = Math.floor(maxConnections / pods);
  return [
    {
      path,
      value: poolSize,
      reason: `makes ${pods * poolSize} connections with ${pods} pods; the ${kind} grants ${maxConnections}`,
      mend:
        fits >= 1
          ? `write ${fits} or fewer, allow fewer pods, or take a larger ${kind}`
          : `allow fewer pods, or take a larger ${kind}`,
    },
  ];
}

function shutdownProblems({ shutdown }: NodeProps): Problem[] {
  const problems = [
    ...countProblems('shutdown.preStopSeconds', shutdown?.preStopSeconds, 1),
    ...countProblems('shutdown.drainSeconds', shutdown?.drainSeconds, 1),
    ...countProblems('shutdown.graceSeconds', shutdown?.graceSeconds, 1),
  ];
  const { preStop, drain, grace } = shutdownSeconds(shutdown);
  if (problems.length > 0 || grace > preStop + drain) return problems;
  return [
    {
      path: 'shutdown.graceSeconds',
      value: grace,
      reason: `is over before the pod has waited ${preStop} s and drained ${drain} s: streams would be cut`,
      mend: `write more than ${preStop + drain}, or leave it out`,
    },
  ];
}

function affinityProblems({ clientAffinitySeconds }: NodeProps, role: Role): Problem[] {
  if (clientAffinitySeconds === undefined || servesClients(role)) {
    return countProblems('clientAffinitySeconds', clientAffinitySeconds, 1, 86_400);
  }
  return [
    {
      path: 'clientAffinitySeconds',
      value: clientAffinitySeconds,
      reason: `has no effect: clients do not reach a ${role}`,
      mend: 'set it on the gateway',
    },
  ];
}
