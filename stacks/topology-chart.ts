import type { Construct } from 'constructs';
import type { CheckedChart } from './checked-chart';
import { InferenceChart } from './inference/inference-chart';
import type { Topology } from './topology';

/** The chart of a topology, whatever its kind. */
export function topologyChart(scope: Construct, id: string, topology: Topology): CheckedChart {
  switch (topology.kind) {
    case 'Inference':
      return new InferenceChart(scope, id, topology);
  }
}
