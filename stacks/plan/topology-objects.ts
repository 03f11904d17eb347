import type { KubernetesObject } from '../../constructs/checks/kubernetes-object';
import { kubernetesObjects } from '../../constructs/checks/model';
import type { Backing } from '../../constructs/contracts';
import { DeploymentChart } from '../deployment/deployment-chart';
import { systemOf } from '../system/systems';
import type { Topology } from '../topology/topology';

/** What a topology can leave to a foundation, and can't do without. */
const NEEDED = ['image', 'storage', 'database'] as const;

/** What the topology leaves to a foundation. */
export function leftOut(topology: Topology): string[] {
  const { backing } = systemOf(topology.kind).resolve(topology);
  return NEEDED.filter((part) => backing[part] === undefined);
}

/**
 * The Kubernetes objects of a topology, whatever its kind.
 *
 * @param made stands for what a foundation would make
 * @throws InvalidInputError where the topology leaves out what is not made either
 */
export function topologyObjects(topology: Topology, made: Partial<Backing>): KubernetesObject[] {
  const system = systemOf(topology.kind);
  const settings = system.resolve(topology);
  const chart = new DeploymentChart(settings.name, { system, settings, backing: made, objects: [] });
  const manifests = chart.toJson().map((manifest) => ({ manifest, origin: { file: settings.name } }));
  return kubernetesObjects(manifests, settings.namespace);
}
