import type { Construct } from 'constructs';
import { CheckedChart } from '../checked-chart';
import { InferenceStack } from '../inference/inference-stack';
import { backingOf } from '../system/backing';
import { openOnPurpose } from '../system/openness';
import type { StreamingChatTopology } from './schema';
import { resolveStreamingChat } from './settings';

/** A whole streaming chat as one checked chart, on the backing that the topology names. */
export class StreamingChatChart extends CheckedChart {
  /** What is in it: gateways, workers and controllers of the runtime. */
  readonly stack: InferenceStack;

  constructor(scope: Construct, id: string, topology: StreamingChatTopology) {
    const settings = resolveStreamingChat(topology);
    super(scope, id, { namespace: settings.namespace, labels: settings.labels });
    this.stack = new InferenceStack(this, 'chat', { settings, backing: backingOf(this, settings) });
    if (!settings.network.isolation) openOnPurpose(this);
  }
}
