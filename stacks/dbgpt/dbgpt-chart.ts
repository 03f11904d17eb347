import type { Construct } from 'constructs';
import { CheckedChart } from '../checked-chart';
import { backingOf } from '../system/backing';
import { openOnPurpose } from '../system/openness';
import { DbgptStack } from './dbgpt-stack';
import type { DbgptTopology } from './schema';
import { resolveDbgpt } from './settings';

/** A whole DB-GPT topology as one checked chart, on the backing that the topology names. */
export class DbgptChart extends CheckedChart {
  /** What is in it. */
  readonly stack: DbgptStack;

  constructor(scope: Construct, id: string, topology: DbgptTopology) {
    const settings = resolveDbgpt(topology);
    super(scope, id, { namespace: settings.namespace, labels: settings.labels });
    this.stack = new DbgptStack(this, 'dbgpt', { settings, backing: backingOf(this, settings) });
    if (!settings.network.isolation) openOnPurpose(this);
  }
}
