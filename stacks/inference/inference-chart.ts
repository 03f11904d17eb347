import type { Construct } from 'constructs';
import { CheckedChart } from '../checked-chart';
import { backingOf } from '../system/backing';
import { openOnPurpose } from '../system/openness';
import { type InferenceInput, type InferenceTopology, resolveInference, validateTopology } from '../topology';
import { InferenceStack } from './inference-stack';

/**
 * A topology from an object literal, with the same fields, defaults and refusals as a topology file.
 *
 * @throws InvalidInputError with every problem
 */
export function inferenceTopology(topology: Omit<InferenceInput, 'kind'>): InferenceTopology {
  return validateTopology({ ...topology, kind: 'Inference' }, `topology ${topology.name}`);
}

/** A whole inference topology as one checked chart, on the backing that the topology names. */
export class InferenceChart extends CheckedChart {
  /** What is in it. */
  readonly stack: InferenceStack;

  constructor(scope: Construct, id: string, topology: InferenceTopology) {
    const settings = resolveInference(topology);
    super(scope, id, { namespace: settings.namespace, labels: settings.labels });
    this.stack = new InferenceStack(this, 'inference', { settings, backing: backingOf(this, settings) });
    if (!settings.network.isolation) openOnPurpose(this);
  }
}
