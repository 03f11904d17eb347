import { loginComesBack } from './access';
import { autoscalingMeasures, queueAutoscalingActs, restsBelowAim } from './autoscaling';
import { backingComplete, type CacheUse, cacheShared, serversReachable } from './backing';
import { backupWorks } from './backup';
import type { InferenceCheck, SystemCheck } from './check';
import {
  egressNarrow,
  gpuTolerationsValid,
  labelsAreFree,
  namespaceIsOwn,
  tolerationsValid,
} from './cluster';
import { connectionBudgets } from './connections';
import { disruptionBudget } from './disruption';
import { acceleratorMatchesGpu, argumentsFit, engineSpans } from './engine';
import {
  contextLengthKnown,
  gatedModelsHaveToken,
  modelFitsEngine,
  modelNamesDiffer,
  modelPlacesDiffer,
  oneModelEngines,
  pinsApply,
  placementPossible,
  sizePlausible,
} from './models';
import { partitionReached, replicasRange, rolesComplete } from './replicas';
import {
  engineRequestsBelowLimits,
  modelsFitMemory,
  requestsBelowLimits,
  sharedMemoryFits,
  threadsHaveCores,
} from './resources';
import { servicesLive } from './retired';
import { addressesAreKnown } from './runtime';
import { graceCoversDrain } from './shutdown';
import { startupFits } from './startup';
import {
  modelsFitStorage,
  sizeApplies,
  storageFast,
  storageMinimum,
  storageShares,
  userIsOwn,
} from './storage';
import { hostsDiffer, loadBalancerCan, publicHostsEncrypted } from './traffic';

export type { CacheUse } from './backing';
export { type Check, type CheckContext, problem, REPLICAS, type SystemCheck } from './check';
export { connectionBudget } from './connections';
export { sizeApplies, userIsOwn } from './storage';

/**
 * What topologies of all kinds are examined for.
 *
 * @param claim field that sizes the claim which pods share
 * @param image what an image of such a system is called
 */
export const systemChecks = (claim: string, image: string): readonly SystemCheck[] => [
  namespaceIsOwn,
  labelsAreFree,
  replicasRange,
  requestsBelowLimits,
  autoscalingMeasures,
  connectionBudgets,
  disruptionBudget,
  graceCoversDrain,
  tolerationsValid,
  egressNarrow,
  publicHostsEncrypted,
  hostsDiffer,
  loadBalancerCan,
  backingComplete(image),
  storageMinimum(claim),
  storageShares,
  storageFast,
  serversReachable,
  servicesLive,
  backupWorks,
];

/** What pods of the runtime lose without a cache. */
export const INFERENCE_CACHE: CacheUse = {
  allowedBy: 'lost-streams',
  loses: 'streams die with their pod, and sessions are known to one',
};

/** Every combination that an inference topology is examined for. */
export const INFERENCE_CHECKS: readonly InferenceCheck[] = [
  ...systemChecks('modelStore', 'registry/polypod-runtime:1.0.0'),
  modelNamesDiffer,
  modelPlacesDiffer,
  modelFitsEngine,
  oneModelEngines,
  pinsApply,
  placementPossible,
  addressesAreKnown,
  gatedModelsHaveToken,
  loginComesBack,
  contextLengthKnown,
  sizePlausible,
  acceleratorMatchesGpu,
  engineSpans,
  argumentsFit,
  rolesComplete,
  partitionReached,
  engineRequestsBelowLimits,
  modelsFitMemory,
  threadsHaveCores,
  sharedMemoryFits,
  queueAutoscalingActs,
  restsBelowAim,
  startupFits,
  gpuTolerationsValid,
  userIsOwn('modelStore'),
  sizeApplies('modelStore'),
  modelsFitStorage,
  cacheShared(INFERENCE_CACHE),
];
