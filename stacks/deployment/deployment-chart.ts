import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import { checkManifests } from '../../constructs/checks';
import type { ClusterObject } from '../../constructs/cloud';
import { type Backing, InvalidInputError, type Problem } from '../../constructs/contracts';
import { parseByteSize } from '../../constructs/contracts/units';
import { backingOf, type StackBacking } from '../system/backing';
import type { System, SystemStack } from '../system/system';
import type { SystemSettings } from '../topology';
import { standInBacking } from './stand-in';

export interface DeploymentChartProps {
  readonly system: System;
  readonly settings: SystemSettings;
  /** What the foundation made. */
  readonly backing: Partial<Backing>;
  /** Objects that must be there before any pod. */
  readonly objects: readonly ClusterObject[];
  /** Where the cluster's DNS answers, if that is no pod. */
  readonly dnsAddress?: string;
}

/** A topology on what its foundation made: the stack, and the objects that its pods wait for. */
export class DeploymentChart extends Chart {
  readonly stack: SystemStack;
  readonly backing: StackBacking;

  constructor(id: string, { system, settings, backing, objects, dnsAddress }: DeploymentChartProps) {
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
    this.stack = system.stack(this, {
      settings: { ...settings, network: { ...network, dns }, sharedFiles: roomy(settings, this.backing) },
      backing: this.backing,
    });
    if (objects.length === 0) return;
    const pods = [...this.stack.pods, ...this.backing.servers];
    for (const { node } of pods) node.addDependency(first);
  }
}

/** A claim that is no smaller than what the storage grants anyway. */
function roomy({ sharedFiles }: SystemSettings, { storage }: Backing): SystemSettings['sharedFiles'] {
  const least = parseByteSize(storage.minimumSize ?? '0Gi');
  return least.ok && least.value.bytes > sharedFiles.size.bytes
    ? { ...sharedFiles, size: least.value }
    : sharedFiles;
}

/** What constructs and checks will refuse once the foundation is there, found before it is. */
export function rehearse(id: string, system: System, settings: SystemSettings, path: string): Problem[] {
  const backing = standInBacking(settings);
  try {
    const chart = new DeploymentChart(id, { system, settings, backing, objects: [] });
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
