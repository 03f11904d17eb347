import { App } from 'cdk8s';
import type { CheckResult } from '../constructs/checks';
import { topologyChart } from '../stacks/topology-chart';
import { manifestYaml } from './manifest-yaml';
import type { NamedTopology } from './topology-files';

/** What became of one topology. */
export interface Synthesis {
  readonly id: string;
  readonly file: string;
  /** Number of Kubernetes objects. */
  readonly objects: number;
  readonly check: CheckResult;
  /** The manifests, exactly as `cdk8s synth` writes them; `undefined` where the rules found errors. */
  readonly manifests: string | undefined;
  /** Time that it took. */
  readonly milliseconds: number;
}

/** Makes the manifests of one topology, and checks them. Nothing is written. */
export function synthesize({ id, file, topology }: NamedTopology): Synthesis {
  const start = Date.now();
  const { manifests, check } = topologyChart(new App(), id, topology).toCheckedJson();
  const sound = check.findings.every(({ severity }) => severity !== 'error');
  return {
    id,
    file,
    objects: check.objects,
    check,
    manifests: sound ? manifestYaml(manifests) : undefined,
    milliseconds: Date.now() - start,
  };
}
