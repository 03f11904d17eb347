import type { Construct, IConstruct } from 'constructs';
import type { Reach } from '../../constructs/kubernetes';
import type { CheckedChart } from '../checked-chart';
import type { CacheUse } from '../topology/checks/backing';
import type { SystemSettings } from '../topology/settings';
import type { Topology } from '../topology/topology';
import type { StackBacking } from './backing';
import type { RequiredSecret } from './secrets';

/** A system as it was built. */
export interface SystemStack extends Construct {
  /** What must not start before what a foundation makes for it: storage, Secrets, accounts. */
  readonly pods: readonly IConstruct[];
  /** Who may reach whom. @default empty without isolation */
  readonly reach: readonly Reach[];
}

/** How the systems of one kind are built: all that charts, deployments and commands need to know of a kind. */
export interface System<T extends Topology = Topology, Settings extends SystemSettings = SystemSettings> {
  /** Fills in every default. Pure; never fails on what the kind's schema and checks accept. */
  resolve(topology: T): Settings;
  /** The whole topology as one checked chart, on the backing that it names. */
  chart(scope: Construct, id: string, topology: T): CheckedChart;
  /** The system on a backing, inside of any chart. */
  stack(scope: Construct, props: SystemProps<Settings>): SystemStack;
  /** Secrets of its own that can be made up, beside those of servers in the namespace. */
  ownSecrets(settings: Settings): readonly RequiredSecret[];
  /** Secrets of its own whose values come from outside: name → what for. */
  givenSecrets(settings: Settings): ReadonlyMap<string, string>;
  /** Base URL for clients. */
  endpoint(settings: Settings): string;
  /** A command that shows that it works. */
  commandToTry(settings: Settings): string;
  /** What its pods share by a cache. @default nothing: it needs none */
  readonly cache?: CacheUse;
}

export interface SystemProps<Settings extends SystemSettings = SystemSettings> {
  /** The topology, with every default filled in. */
  readonly settings: Settings;
  readonly backing: StackBacking;
}
