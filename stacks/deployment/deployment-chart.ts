import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import { checkManifests } from '../../constructs/checks';
import type { ClusterObject } from '../../constructs/cloud';
import { type Backing, InvalidInputError, type Problem } from '../../constructs/contracts';
import { parseByteSize } from '../../constructs/contracts/units';
import { backingOf, type StackBacking } from '../inference/backing';
import { InferenceStack } from '../inference/inference-stack';
import type { InferenceSettings } from '../topology';
import { standInBacking } from './stand-in';

export interface DeploymentChartProps {
  readonly settings: InferenceSettings;
  /** What the foundation made. */
  readonly backing: Partial<Backing>;
  /** Objects that must be there before any pod. */
  readonly objects: readonly ClusterObject[];
  /** Where the cluster's DNS answers, if that is no pod. */
  readonly dnsAddress?: string;
}

/** A topology on what its foundation made: the stack, and the objects that its pods wait for. */
export class DeploymentChart extends Chart {
  readonly stack: InferenceStack;
  readonly backing: StackBacking;

  constructor(id: string, { settings, backing, objects, dnsAddress }: DeploymentChartProps) {
    super(new App(), id, { namespace: settings.namespace, labels: settings.labels });
    const first = new Construct(this, 'foundation');
    for (const object of objects) {
      const made = new ApiObject(first, `${object.kind}-${object.metadata.name}`, object);
      // cdk8s would write the chart's namespace on it.
      if (object.kind === 'PersistentVolume') made.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
    }

    const { network } = settings;
    const dns = { ...network.dns, ...(dnsAddress !== undefined && { nodeLocal: dnsAddress }) };
    this.backing = backingOf(this, settings, backing);
    this.stack = new InferenceStack(this, 'inference', {
      settings: { ...settings, network: { ...network, dns }, modelStore: roomy(settings, this.backing) },
      backing: this.backing,
    });
    if (objects.length === 0) return;
    const pods = [...this.stack.workloads.map(({ construct }) => construct), ...this.backing.servers];
    for (const { node } of pods) node.addDependency(first);
  }
}

/** A claim that is no smaller than what the storage grants anyway. */
function roomy({ modelStore }: InferenceSettings, { storage }: Backing): InferenceSettings['modelStore'] {
  const least = parseByteSize(storage.minimumSize ?? '0Gi');
  return least.ok && least.value.bytes > modelStore.size.bytes
    ? { ...modelStore, size: least.value }
    : modelStore;
}

/** What constructs and checks will refuse once the foundation is there, found before it is. */
export function rehearse(id: string, settings: InferenceSettings, path: string): Problem[] {
  const backing = standInBacking(settings);
  try {
    const chart = new DeploymentChart(id, { settings, backing, objects: [] });
    const { findings } = checkManifests(chart.toJson(), { namespace: settings.namespace });
    return findings
      .filter(({ severity }) => severity === 'error')
      .map(({ rule, object, path: field, message, fix }) => ({
        path: `${path} → ${object.kind} ${object.name}: ${field}`,
        value: undefined,
        reason: `${message} (${rule})`,
        mend: fix,
      }));
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.problems.map((problem) => ({ ...problem, path: `${path} → ${problem.path}` }));
  }
}
