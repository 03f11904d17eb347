import { readdirSync } from 'node:fs';
import { App } from 'cdk8s';
import { readTopologyFile } from '../../../stacks/topology';
import { topologyChart } from '../../../stacks/topology-chart';

const FOLDER = 'examples/topologies';

test.each(readdirSync(FOLDER))('%s: the namespace is applied before what stands in it', (file) => {
  for (const topology of readTopologyFile(`${FOLDER}/${file}`)) {
    const kinds = topologyChart(new App(), topology.name, topology).toJson() as { kind: string }[];
    const namespaced = kinds.findIndex(({ kind }) => kind !== 'StorageClass');
    expect(kinds[namespaced]?.kind).toBe('Namespace');
  }
});
