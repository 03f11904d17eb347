import { type Command, InvalidArgumentError, Option } from 'commander';
import { InvalidInputError, type Problem } from '../../constructs/contracts/problem';
import { planText } from '../../constructs/plan/report';
import { CLOUDS, type CloudName } from '../../stacks/plan/clouds';
import { isStackFile, readStackFile } from '../../stacks/plan/stack-file';
import { leftOut, planTopology, type TopologyPlan } from '../../stacks/plan/topology-plan';
import { readTopologyFile, type Topology } from '../../stacks/topology';
import { reportInputErrors } from '../input-errors';

const CLOUD_NAMES = Object.keys(CLOUDS);
const CLOUD_TITLES: Readonly<Record<CloudName, string>> = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' };

interface PlanFlags {
  readonly cloud?: CloudName;
  readonly sessions?: number;
  readonly settings?: number;
  readonly json: boolean;
}

/** Exit status of a plan that can't work: more connections than are granted, starts that are killed. */
const CANNOT_WORK = 2;

/** Adds `polypod plan`: what a topology will take and do, before anything is applied. */
export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description('say what a topology takes, how fast it starts and what it survives, before it is applied')
    .argument('<file>', 'a topology file, or the config of a Pulumi stack (Pulumi.STACK.yaml)')
    .addOption(
      new Option('--cloud <cloud>', 'whose foundation makes what the topology leaves out').choices(
        CLOUD_NAMES,
      ),
    )
    .option('--sessions <count>', 'active sessions that the cache must hold', count)
    .option('--settings <count>', 'cached settings that it must hold', count)
    .option('--json', 'write it for programs; docs/plan.md lists the fields', false)
    .addHelpText(
      'after',
      '\nExit status: 0 planned, 2 input that could not be used, or a plan that can not work.\n' +
        'Nothing is asked of any cloud or cluster. There are no prices in it: they change.',
    )
    .action((file: string, flags: PlanFlags) => {
      reportInputErrors(() => {
        const plans = plansOf(file, flags);
        process.stdout.write(flags.json ? json(plans) : plans.map((plan) => text(plan, file)).join('\n\n'));
        const isRefused = plans.some(({ attention }) =>
          attention.some(({ severity }) => severity === 'refused'),
        );
        if (isRefused) process.exitCode = CANNOT_WORK;
      });
    });
}

function plansOf(file: string, { cloud, sessions, settings }: PlanFlags): TopologyPlan[] {
  const load = { sessions, settings };
  if (isStackFile(file)) {
    const stack = readStackFile(file);
    if (cloud !== undefined && cloud !== stack.cloud) throw otherCloud(file, cloud);
    return [planTopology(stack.topology, { ...load, cloud: stack.cloud, section: stack.section })];
  }
  const topologies = readTopologyFile(file, { backing: 'from-foundation' });
  if (cloud === undefined) refuseGaps(file, topologies);
  return topologies.map((topology) => planTopology(topology, { ...load, cloud }));
}

/** What a topology leaves out is different on each cloud. */
function refuseGaps(file: string, topologies: readonly Topology[]): void {
  const problems = topologies.flatMap((topology): Problem[] =>
    leftOut(topology).map((part) => ({
      path: `backing.${part}`,
      value: undefined,
      reason: `is left to a foundation${topologies.length > 1 ? ` by ${topology.name}` : ''}, and none is chosen`,
      mend: `choose one: --cloud ${CLOUD_NAMES.join('|')}, or name an existing ${part}`,
    })),
  );
  if (problems.length > 0) throw new InvalidInputError(file, problems);
}

function otherCloud(file: string, cloud: CloudName): InvalidInputError {
  const reason = 'is chosen by this file itself, in polypod:foundation';
  return new InvalidInputError(file, [{ path: '--cloud', value: cloud, reason, mend: 'leave --cloud out' }]);
}

/** One plan, or a list where the file holds several topologies. */
function json(plans: readonly TopologyPlan[]): string {
  return `${JSON.stringify(plans.length === 1 ? plans[0] : plans, undefined, 2)}\n`;
}

function text(plan: TopologyPlan, file: string): string {
  const { name, cloud, created } = plan;
  return planText(plan, {
    title: `${name}  ${file}`,
    colour: process.stdout.hasColors?.() === true,
    ...(cloud && { created: { on: CLOUD_TITLES[cloud], items: created } }),
  });
}

function count(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('write a whole number, such as 500000');
  return Number(text);
}
