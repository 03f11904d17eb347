import type { KindName } from '../topology/kinds';
import type { System } from './system';

/** Every system, by the kind of its topology. Only those that are built are loaded. */
const SYSTEMS: Readonly<Record<KindName, () => { readonly system: System }>> = {
  Inference: () => require('../inference/system'),
  AnythingLLM: () => require('../anything-llm/system'),
  DBGPT: () => require('../dbgpt/system'),
  Memos: () => require('../memos/system'),
  StreamingChat: () => require('../streaming-chat/system'),
};

/** How systems of a kind are built. */
export const systemOf = (kind: KindName): System => SYSTEMS[kind]().system;
