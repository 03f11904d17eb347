/**
 * `polypod/pulumi`: carries Pulumi Outputs through cdk8s constructs and back out as Pulumi resources. Needs
 * @pulumi/pulumi and @pulumi/kubernetes, which nothing else here loads.
 *
 * @module polypod/pulumi
 */
export { contentHash } from '../contracts';
export type { ChartObject } from './chart-object';
export { type Check, type CheckFinding, KubernetesChart, type KubernetesChartArgs } from './kubernetes-chart';
export { asNumber, asString } from './outputs';
