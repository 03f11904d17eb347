import type { Backing } from '../../constructs/contracts';
import { type Plan, type PlanOptions, planOf } from '../../constructs/plan';
import { standInBacking } from '../deployment/stand-in';
import { systemOf } from '../system/systems';
import type { SystemSettings } from '../topology/settings';
import type { Topology } from '../topology/topology';
import { CLOUDS, type CloudName, type CloudPlan, type Creation, Section } from './clouds';
import { factsOf } from './facts';
import { topologyObjects } from './topology-objects';

/** A topology's plan, and what a cloud makes for it. */
export interface TopologyPlan extends Plan {
  readonly name: string;
  /** @default null: everything is named by the topology, or runs in the cluster */
  readonly cloud: CloudName | null;
  readonly created: readonly Creation[];
}

export interface TopologyPlanOptions extends Omit<PlanOptions, 'facts'> {
  /** Whose foundation makes what the topology leaves out. @default none */
  readonly cloud?: CloudName;
  /** That cloud's section of a stack's config, as written. @default the foundation's defaults */
  readonly section?: unknown;
}

/**
 * Reckons the plan of a topology.
 *
 * @throws InvalidInputError where it leaves out what no cloud is chosen to make
 */
export function planTopology(topology: Topology, options: TopologyPlanOptions = {}): TopologyPlan {
  const system = systemOf(topology.kind);
  const settings = system.resolve(topology);
  const section = new Section(options.section);
  const cloud = options.cloud && cloudPlan(options.cloud, settings, section);

  const made: Partial<Backing> = cloud ? { ...standInBacking(settings), storage: cloud.storage } : {};
  const objects = topologyObjects(topology, made);
  return {
    name: settings.name,
    cloud: options.cloud ?? null,
    ...planOf(objects, { ...options, facts: factsOf(settings, cloud) }),
    created: cloud ? createdFor(settings, cloud, section) : [],
  };
}

function cloudPlan(name: CloudName, settings: SystemSettings, section: Section): CloudPlan {
  const { database, cache } = settings.sizing;
  return CLOUDS[name]({
    sizing: {
      database: {
        cpu: database.cpu.cores,
        memory: database.memory.bytes,
        storage: database.storage.bytes,
        maxConnections: database.maxConnections,
      },
      cache: { memory: cache.memory.bytes, mode: cache.mode, maxConnections: cache.maxConnections },
    },
    claimBytes: settings.sharedFiles.size.bytes,
    section,
  });
}

/** What is neither named by the topology nor exists by the config. */
function createdFor({ backing }: SystemSettings, { created }: CloudPlan, section: Section): Creation[] {
  const named: Readonly<Record<string, boolean>> = {
    image: backing.image !== undefined,
    storage: backing.storage !== undefined,
    cache: backing.cache !== undefined,
    database: backing.database !== undefined,
  };
  const isOfCluster = (part: string) => part === 'nodes' || part === 'network';
  return created.filter(({ part }) => !named[part] && !section.isGiven(isOfCluster(part) ? 'cluster' : part));
}
