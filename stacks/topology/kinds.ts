import type { TopologyKind } from './kind';
import type { Topology } from './topology';

/** The word after `kind:`. */
export type KindName = Topology['kind'];

/** Every kind of topology. Only those that a file names are loaded. */
const KINDS: Readonly<Record<KindName, () => { readonly kind: TopologyKind }>> = {
  Inference: () => require('../inference/kind'),
  AnythingLLM: () => require('../anything-llm/kind'),
  DBGPT: () => require('../dbgpt/kind'),
  Memos: () => require('../memos/kind'),
  StreamingChat: () => require('../streaming-chat/kind'),
};

export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

export const isKindName = (name: unknown): name is KindName =>
  typeof name === 'string' && Object.hasOwn(KINDS, name);

/** How topologies of a kind are read. */
export const kindOf = (name: KindName): TopologyKind => KINDS[name]().kind;
