import type { Construct } from 'constructs';
import type { CheckedChart } from './checked-chart';
import { systemOf } from './system/systems';
import type { Topology } from './topology';

/** The chart of a topology, whatever its kind. */
export function topologyChart(scope: Construct, id: string, topology: Topology): CheckedChart {
  return systemOf(topology.kind).chart(scope, id, topology);
}
