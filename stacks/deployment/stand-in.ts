import type { Backing } from '../../constructs/contracts';
import { existingClass } from '../../constructs/kubernetes/storage/existing-class';
import { inferenceTopology } from '../inference/inference-chart';
import { type InferenceSettings, resolveInference, type SystemSettings } from '../topology';

/** Any topology that is fine: so that a section can be checked while the real one can't be read. */
export function standInSettings(): InferenceSettings {
  return resolveInference(
    inferenceTopology({
      name: 'stand-in',
      models: [{ name: 'any', source: 'hf:any/any/any.gguf', size: '1Gi' }],
      backing: { ...IN_FILE },
    }),
  );
}

const IN_FILE = {
  image: 'localhost/any:1',
  storage: { kind: 'existing-class', name: 'any' },
  cache: 'local',
  database: 'local',
} as const;

/** What a foundation may yield, so that the stack can be rehearsed before anything is made. */
export function standInBacking({ sizing, sharedFiles }: SystemSettings): Backing {
  const egress = { cidrs: ['10.0.0.0/24'] };
  return {
    image: { repository: 'localhost/any', tag: '1' },
    storage: existingClass({
      name: 'shared-files',
      uid: sharedFiles.uid,
      gid: sharedFiles.gid,
      throughput: { perClient: 500 * 2 ** 20 },
    }),
    cache: {
      host: 'cache.internal',
      port: 6379,
      mode: sizing.cache.mode,
      tls: true,
      credentials: { secretName: 'cache' },
      egress: { ...egress, ports: [6379] },
    },
    database: {
      engine: sizing.database.engine,
      host: 'database.internal',
      port: 5432,
      database: 'polypod',
      tls: { mode: 'verify-full', ca: { configMapName: 'database-ca', key: 'ca.pem' } },
      credentials: { secretName: 'database' },
      maxConnections: sizing.database.maxConnections,
      egress: { ...egress, ports: [5432] },
    },
  };
}
