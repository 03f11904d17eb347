import { Yaml } from 'cdk8s';

/** A manifest file as a Helm chart: relative path → content. Nothing in it is left for Helm to fill in. */
export function helmChart(id: string, manifests: string, version: string): Map<string, string> {
  const metadata = {
    apiVersion: 'v2',
    name: id,
    description: `Topology ${id}, written by polypod synth`,
    type: 'application',
    version,
  };
  return new Map([
    [`${id}/Chart.yaml`, Yaml.stringify(metadata)],
    [`${id}/values.yaml`, '# The topology file is the one input: change it, and synthesize again.\n{}\n'],
    [`${id}/templates/${id}.yaml`, manifests.replaceAll('{{', '{{ "{{" }}')],
  ]);
}
