import { system as inference } from '../inference/system';
import type { System } from '../system/system';
import type { InferenceSettings } from '../topology/settings';
import type { StreamingChatTopology } from './schema';
import { resolveStreamingChat } from './settings';
import { StreamingChatChart } from './streaming-chat-chart';

export const system: System<StreamingChatTopology, InferenceSettings> = {
  ...inference,
  resolve: resolveStreamingChat,
  chart: (scope, id, topology) => new StreamingChatChart(scope, id, topology),
};
