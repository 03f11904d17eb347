import { resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { SharedModelStore } from './shared-model-store.js';

/** The model store that a configuration describes. */
export function modelStoreOf(config: Config): SharedModelStore {
  const { modelDirectory, huggingFaceEndpoint, huggingFaceTokenFile, downloads } = config;
  return new SharedModelStore({
    directory: resolve(modelDirectory),
    hubEndpoint: huggingFaceEndpoint,
    ...(huggingFaceTokenFile !== undefined && { hubTokenFile: huggingFaceTokenFile }),
    downloads,
  });
}
