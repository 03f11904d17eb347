import { type Command, InvalidArgumentError, Option } from 'commander';
import { problemsText } from '../../constructs/checks/report';
import { InvalidInputError, type Problem } from '../../constructs/contracts/problem';
import { planOf } from '../../constructs/plan';
import { planText } from '../../constructs/plan/report';
import { CLOUDS, type CloudName } from '../../stacks/plan/clouds';
import { isStackFile, readStackFile } from '../../stacks/plan/stack-file';
import { leftOut } from '../../stacks/plan/topology-objects';
import { planTopology, type TopologyPlan } from '../../stacks/plan/topology-plan';
import { readTopologyFile, type Topology } from '../../stacks/topology';
import { reportInputErrors } from '../input-errors';
import { isTopologyFile, readManifests } from '../topology-or-manifests';

const CLOUD_NAMES = Object.keys(CLOUDS);
const CLOUD_TITLES: Readonly<Record<CloudName, string>> = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' };

interface PlanFlags {
  readonly cloud?: CloudName;
  readonly sessions?: number;
  readonly settings?: number;
  readonly namespace?: string;
  readonly json: boolean;
}

/** Exit status of a plan that can't work: more connections than are granted, starts that are killed. */
const CANNOT_WORK = 2;

/** Adds `polypod plan`: what a topology will take and do, before anything is applied. */
export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description('say what a system takes, how fast it starts and what it survives, before it is applied')
    .argument(
      '<paths...>',
      'a topology file, or the config of a Pulumi stack (Pulumi.STACK.yaml); or manifests, - for standard input',
    )
    .addOption(
      new Option('--cloud <cloud>', 'whose foundation makes what the topology leaves out').choices(
        CLOUD_NAMES,
      ),
    )
    .option('--sessions <count>', 'active sessions that the cache must hold', count)
    .option('--settings <count>', 'cached settings that it must hold', count)
    .option('-n, --namespace <name>', 'namespace of manifests that name none')
    .option('--json', 'write it for programs; docs/plan.md lists the fields', false)
    .addHelpText(
      'after',
      '\nExit status: 0 planned, 2 input that could not be used, or a plan that can not work.\n' +
        'Nothing is asked of any cloud or cluster. There are no prices in it: they change.',
    )
    .action(async (paths: string[], flags: PlanFlags, command: Command) => {
      const [first = ''] = paths;
      if (isTopologyFile(first) || isStackFile(first)) {
        if (paths.length > 1) command.error('error: name one topology, or the config of one stack');
        reportInputErrors(() => report(plansOf(first, flags), first, flags));
      } else await reportManifests(paths, flags);
    });
}

async function reportManifests(paths: readonly string[], flags: PlanFlags): Promise<void> {
  const { title, objects, problems } = await readManifests(paths, flags.namespace);
  if (problems.length > 0) {
    process.stderr.write(problemsText(problems));
    process.exitCode = CANNOT_WORK;
    return;
  }
  reportInputErrors(() => {
    const plan = planOf(objects, flags);
    if (plan.workloads.length + plan.tasks.length + plan.storage.length === 0) throw nothingToPlan(paths);
    report([{ name: title, cloud: null, ...plan, created: [] }], paths.join(' '), flags);
  });
}

function report(plans: readonly TopologyPlan[], source: string, { json: asJson }: PlanFlags): void {
  process.stdout.write(asJson ? json(plans) : plans.map((plan) => text(plan, source)).join('\n\n'));
  const isRefused = plans.some(({ attention }) => attention.some(({ severity }) => severity === 'refused'));
  if (isRefused) process.exitCode = CANNOT_WORK;
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

function nothingToPlan(paths: readonly string[]): InvalidInputError {
  const reason = 'holds nothing to plan: no pods and no claims';
  const mend = 'name a topology file, the config of a stack, or manifests with apiVersion and kind';
  return new InvalidInputError(paths.join(', '), [{ path: '', value: undefined, reason, mend }]);
}

/** One plan, or a list where the file holds several topologies. */
function json(plans: readonly TopologyPlan[]): string {
  return `${JSON.stringify(plans.length === 1 ? plans[0] : plans, undefined, 2)}\n`;
}

function text(plan: TopologyPlan, source: string): string {
  const { name, cloud, created } = plan;
  return planText(plan, {
    title: `${name}  ${source}`,
    colour: process.stdout.hasColors?.() === true,
    ...(cloud && { created: { on: CLOUD_TITLES[cloud], items: created } }),
  });
}

function count(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('write a whole number, such as 500000');
  return Number(text);
}
