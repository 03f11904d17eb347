import type * as z from 'zod';
import type { AnythingLlmInput, AnythingLlmTopology } from '../anything-llm/schema';
import type { DbgptInput, DbgptTopology } from '../dbgpt/schema';
import type { MemosInput, MemosTopology } from '../memos/schema';
import type { StreamingChatInput, StreamingChatTopology } from '../streaming-chat/schema';
import type { inference } from './schema/inference';
import type { system } from './schema/system';

/** What topologies of all kinds have in common, as read. */
export type SystemTopology = z.output<typeof system>;

/** An inference topology as one writes it: every default may be left out, values with units are text. */
export type InferenceInput = z.input<typeof inference>;

/** An inference topology as read: units parsed, defaults of the schema filled in. */
export type InferenceTopology = z.output<typeof inference>;

/** Any topology as one writes it. */
export type TopologyInput = InferenceInput | AnythingLlmInput | DbgptInput | MemosInput | StreamingChatInput;

/** Any topology as read; `kind` tells which. */
export type Topology =
  | InferenceTopology
  | AnythingLlmTopology
  | DbgptTopology
  | MemosTopology
  | StreamingChatTopology;
