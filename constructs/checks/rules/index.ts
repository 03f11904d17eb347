import type { Rule } from '../rule';
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
];
