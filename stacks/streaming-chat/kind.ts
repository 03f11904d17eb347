import { topologyKind } from '../topology/kind';
import { STREAMING_CHAT_CHECKS } from './checks';
import { streamingChat } from './schema';
import { resolveStreamingChat } from './settings';
import { streamingChatTemplate } from './template';

export const kind = topologyKind({
  schema: streamingChat,
  resolve: resolveStreamingChat,
  checks: STREAMING_CHAT_CHECKS,
  template: streamingChatTemplate,
});
