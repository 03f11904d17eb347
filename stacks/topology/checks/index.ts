import { autoscalingActs, restsBelowAim } from './autoscaling';
import { backingComplete, cacheShared, serversReachable } from './backing';
import type { InferenceCheck } from './check';
import { egressNarrow, labelsAreFree, namespaceIsOwn, tolerationsValid } from './cluster';
import { connectionBudgets } from './connections';
import { disruptionBudget } from './disruption';
import { acceleratorMatchesGpu, argumentsFit, engineSpans } from './engine';
import {
  contextLengthKnown,
  gatedModelsHaveToken,
  modelFitsEngine,
  modelNamesDiffer,
  oneModelEngines,
  pinsApply,
  sizePlausible,
} from './models';
import { partitionReached, replicasRange, rolesComplete } from './replicas';
import { modelsFitMemory, requestsBelowLimits, sharedMemoryFits, threadsHaveCores } from './resources';
import { servicesLive } from './retired';
import { graceCoversDrain } from './shutdown';
import { startupFits } from './startup';
import { modelsFitStorage, storageFast, storageMinimum, storageShares, userIsOwn } from './storage';
import { hostsDiffer, loadBalancerCan, publicHostsEncrypted } from './traffic';

export type { Check, CheckContext } from './check';
export { connectionBudget } from './connections';

/** Every combination that an inference topology is examined for. */
export const INFERENCE_CHECKS: readonly InferenceCheck[] = [
  namespaceIsOwn,
  labelsAreFree,
  modelNamesDiffer,
  modelFitsEngine,
  oneModelEngines,
  pinsApply,
  gatedModelsHaveToken,
  contextLengthKnown,
  sizePlausible,
  acceleratorMatchesGpu,
  engineSpans,
  argumentsFit,
  rolesComplete,
  replicasRange,
  partitionReached,
  requestsBelowLimits,
  modelsFitMemory,
  threadsHaveCores,
  sharedMemoryFits,
  autoscalingActs,
  restsBelowAim,
  connectionBudgets,
  disruptionBudget,
  graceCoversDrain,
  startupFits,
  tolerationsValid,
  egressNarrow,
  publicHostsEncrypted,
  hostsDiffer,
  loadBalancerCan,
  backingComplete,
  storageMinimum,
  modelsFitStorage,
  storageShares,
  storageFast,
  userIsOwn,
  serversReachable,
  cacheShared,
  servicesLive,
];
