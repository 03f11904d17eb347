import type { Construct } from 'constructs';
import { CheckedChart } from '../checked-chart';
import { backingOf } from '../system/backing';
import { openOnPurpose } from '../system/openness';
import { MemosStack } from './memos-stack';
import type { MemosTopology } from './schema';
import { resolveMemos } from './settings';

/** A whole Memos topology as one checked chart, on the backing that the topology names. */
export class MemosChart extends CheckedChart {
  /** What is in it. */
  readonly stack: MemosStack;

  constructor(scope: Construct, id: string, topology: MemosTopology) {
    const settings = resolveMemos(topology);
    super(scope, id, { namespace: settings.namespace, labels: settings.labels });
    this.stack = new MemosStack(this, 'memos', { settings, backing: backingOf(this, settings) });
    if (!settings.network.isolation) openOnPurpose(this);
  }
}
