import type { Rule } from '../rule';
import { budgetBlocksDrain } from './disruption/budget-blocks-drain';
import { budgetMissing } from './disruption/budget-missing';
import { budgetProtectsNothing } from './disruption/budget-protects-nothing';
import { noSpread } from './disruption/no-spread';
import { unfilledPlaceholder } from './input/unfilled-placeholder';
import { retired } from './lifecycle/retired';
import { backendMissing } from './network/backend-missing';
import { dependencyBlocked } from './network/dependency-blocked';
import { dnsBlocked } from './network/dns-blocked';
import { internalPortExposed } from './network/internal-port-exposed';
import { metricsOnPublicRoute } from './network/metrics-on-public-route';
import { namespaceLabelAssumed } from './network/namespace-label-assumed';
import { notIsolated } from './network/not-isolated';
import { selectorMatchesNothing } from './network/selector-matches-nothing';
import { graceShorterThanDrain } from './rollout/grace-shorter-than-drain';
import { headlessServiceMissing } from './rollout/headless-service-missing';
import { mutableImage } from './rollout/mutable-image';
import { probesIdentical } from './rollout/probes-identical';
import { slowStartKilled } from './rollout/slow-start-killed';
import { surgeBlocked } from './rollout/surge-blocked';
import { connectionBudget } from './scaling/connection-budget';
import { replicasFightAutoscaler } from './scaling/replicas-fight-autoscaler';
import { targetMissing } from './scaling/target-missing';
import { utilizationWithoutRequest } from './scaling/utilization-without-request';
import { notRestricted } from './security/not-restricted';
import { rbacTooWide } from './security/rbac-too-wide';
import { secretInPlainText } from './security/secret-in-plain-text';
import { tokenWithoutUse } from './security/token-without-use';
import { keyPerPod } from './session/key-per-pod';
import { noSharedState } from './session/no-shared-state';
import { classCannotShare } from './storage/class-cannot-share';
import { modelCacheEphemeral } from './storage/model-cache-ephemeral';
import { modelCopyPerPod } from './storage/model-copy-per-pod';
import { singleWriterVolumeShared } from './storage/single-writer-volume-shared';
import { slowTier } from './storage/slow-tier';
import { sqliteOnSharedVolume } from './storage/sqlite-on-shared-volume';

/** All rules. A new rule is a file of its own and a line here. */
export const rules: readonly Rule[] = [
  singleWriterVolumeShared,
  classCannotShare,
  modelCopyPerPod,
  modelCacheEphemeral,
  slowTier,
  sqliteOnSharedVolume,
  noSharedState,
  keyPerPod,
  replicasFightAutoscaler,
  utilizationWithoutRequest,
  targetMissing,
  connectionBudget,
  budgetMissing,
  budgetBlocksDrain,
  budgetProtectsNothing,
  noSpread,
  notIsolated,
  dnsBlocked,
  dependencyBlocked,
  selectorMatchesNothing,
  namespaceLabelAssumed,
  backendMissing,
  internalPortExposed,
  metricsOnPublicRoute,
  slowStartKilled,
  graceShorterThanDrain,
  probesIdentical,
  surgeBlocked,
  headlessServiceMissing,
  mutableImage,
  secretInPlainText,
  notRestricted,
  rbacTooWide,
  tokenWithoutUse,
  unfilledPlaceholder,
  retired,
];
