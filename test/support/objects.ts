import type { KubernetesObject } from '../../constructs/checks/kubernetes-object';
import { readText } from '../../constructs/checks/load';
import { kubernetesObjects } from '../../constructs/checks/model';

/** The objects of a YAML text. */
export function objectsOf(yaml: string): KubernetesObject[] {
  const { manifests, problems } = readText(yaml, 'test.yaml');
  if (problems.length > 0) throw new Error(problems.map(({ reason }) => reason).join());
  return kubernetesObjects(manifests);
}
