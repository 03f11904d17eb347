import { App } from 'cdk8s';
import { topologyChart } from '../stacks/topology-chart';
import { readTopologies } from './topology-files';

/**
 * The cdk8s app: `cdk8s synth` runs it as cdk8s.yaml says, and writes what `polypod synth` writes.
 *
 * Arguments: topology files and folders. Default: `examples/topologies`.
 */
const [, , ...paths] = process.argv;
const app = new App();
for (const { id, topology } of readTopologies(paths.length > 0 ? paths : ['examples/topologies'])) {
  topologyChart(app, id, topology);
}
app.synth();
