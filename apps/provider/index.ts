import { join } from 'node:path';
import { componentProviderHost } from '@pulumi/pulumi/provider/experimental';
import { InferenceTopology } from '../../stacks/deployment/inference-topology';

/** The plugin by which programs in any language of Pulumi use `polypod:index:InferenceTopology`. */
void componentProviderHost({
  name: 'polypod',
  components: [InferenceTopology],
  // Where the sources are, from which the schema is read; this file runs compiled.
  dirname: join(__dirname, '../../../apps/provider'),
});
