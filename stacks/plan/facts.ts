import { EMBEDDED_LOAD_SECONDS, ENGINE_SERVERS } from '../../constructs/kubernetes/inference/engines';
import type { BackingFacts, PlanFacts } from '../../constructs/plan';
import type { InferenceSettings, SystemSettings } from '../topology/settings';
import type { CloudPlan } from './clouds';

/** What a topology knows of its system beyond the manifests that it becomes. */
export function factsOf(settings: SystemSettings, cloud: CloudPlan | undefined): PlanFacts {
  const { backing, connections, sizing, storage = cloud?.storage } = settings;
  const without = WITHOUT[settings.kind];
  return {
    storage,
    ...(isInference(settings) && engineFacts(settings)),
    database: {
      ...(backing.database === undefined && cloud?.database),
      ...(typeof backing.database === 'object' && { granted: backing.database.maxConnections }),
      poolPerPod: connections.database,
      without: without?.database,
    },
    cache: {
      ...(backing.cache === undefined && cloud?.cache),
      ...(typeof backing.cache === 'object' && { granted: backing.cache.maxConnections }),
      // Of a cache that exists nobody here knows the size.
      ...(backing.cache === 'local' && { memory: sizing.cache.memory.bytes }),
      poolPerPod: connections.cache,
      without: without?.cache,
    },
  };
}

const isInference = (settings: SystemSettings): settings is InferenceSettings =>
  settings.kind === 'Inference' || settings.kind === 'StreamingChat';

function engineFacts({ engine }: InferenceSettings): Pick<PlanFacts, 'engineSeconds' | 'readsOfModel'> {
  if (engine.name === 'llama.cpp') return { engineSeconds: EMBEDDED_LOAD_SECONDS };
  const { loadSeconds, importsModels } = ENGINE_SERVERS[engine.name];
  // What is imported first is read, written and read again.
  return { engineSeconds: loadSeconds, readsOfModel: importsModels ? 3 : 1 };
}

/** docs/streams.md, "When something fails". */
const RUNTIME = {
  cache:
    'running streams wait for 10 s, then go on in their pods; no other pod can take them over, and sessions are known only to the pod that has them',
  database: 'streams go on; what lives in it (registry, users, conversations) is out of reach',
};

/** What clients of a system notice while its cache or database is away. */
const WITHOUT: Readonly<Record<string, Record<'cache' | 'database', BackingFacts['without']> | undefined>> = {
  Inference: RUNTIME,
  StreamingChat: RUNTIME,
  // Seed 001, "Fallback Behavior".
  Memos: {
    cache: 'each pod falls back to a cache of its own: what one changes, others see late',
    database: 'nothing can be read or written: all memos are in it',
  },
  DBGPT: {
    cache: undefined,
    database:
      'nothing works: workers and conversations are in it. Controllers are restarted that call dead workers healthy',
  },
  AnythingLLM: {
    cache: undefined,
    database: 'documents can be neither searched nor added: their vectors are in it',
  },
};
