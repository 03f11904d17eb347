import type { Construct } from 'constructs';
import { CheckedChart } from '../checked-chart';
import { backingOf } from '../system/backing';
import { openOnPurpose } from '../system/openness';
import { AnythingLlmStack } from './anything-llm-stack';
import type { AnythingLlmTopology } from './schema';
import { resolveAnythingLlm } from './settings';

/** A whole AnythingLLM topology as one checked chart, on the backing that the topology names. */
export class AnythingLlmChart extends CheckedChart {
  /** What is in it. */
  readonly stack: AnythingLlmStack;

  constructor(scope: Construct, id: string, topology: AnythingLlmTopology) {
    const settings = resolveAnythingLlm(topology);
    super(scope, id, { namespace: settings.namespace, labels: settings.labels });
    this.stack = new AnythingLlmStack(this, 'anything-llm', { settings, backing: backingOf(this, settings) });
    if (!settings.network.isolation) openOnPurpose(this);
  }
}
