import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import type { KubernetesObject } from '../../constructs/checks/kubernetes-object';
import { problemsText } from '../../constructs/checks/report';
import { InvalidInputError, type Problem } from '../../constructs/contracts/problem';
import { type LayoutEngine, pictureOf, svgOf } from '../../constructs/graph';
import { standInBacking } from '../../stacks/deployment/stand-in';
import { isStackFile, readStackFile } from '../../stacks/plan/stack-file';
import { leftOut, topologyObjects } from '../../stacks/plan/topology-objects';
import { systemOf } from '../../stacks/system/systems';
import { readTopologyFile } from '../../stacks/topology';
import { reportInputErrors } from '../input-errors';
import { isTopologyFile, readManifests } from '../topology-or-manifests';
import { writeFiles } from '../write-files';

interface GraphFlags {
  readonly output?: string;
  readonly namespace?: string;
  readonly title?: string;
}

/** What is to be drawn, and what it is called. */
interface Subject {
  readonly title: string;
  readonly objects: readonly KubernetesObject[];
}

/** Exit status. */
const UNUSABLE_INPUT = 2;

/**
 * Adds `polypod graph`: a picture of a topology or of any manifests.
 *
 * @param newLayout loads the library that lays graphs out
 */
export function addGraphCommand(program: Command, newLayout: () => LayoutEngine): void {
  program
    .command('graph')
    .description('draw pods, ways in, storage, databases, and who may connect to whom, as an SVG file')
    .argument(
      '<paths...>',
      'a topology file, or the config of a Pulumi stack (Pulumi.STACK.yaml); or manifests, - for standard input',
    )
    .option('-o, --output <file>', 'SVG file to write. Default: standard output')
    .option('-n, --namespace <name>', 'namespace of manifests that name none')
    .option('--title <text>', "title of the picture. Default: the topology's name, or the first file's")
    .addHelpText(
      'after',
      '\nExit status: 0 drawn, 2 input that could not be used. docs/graph.md explains the picture.',
    )
    .action(async (paths: string[], flags: GraphFlags) => {
      try {
        await draw(paths, flags, newLayout);
      } catch (error) {
        reportInputErrors(() => {
          throw error;
        });
      }
    });
}

async function draw(paths: readonly string[], flags: GraphFlags, newLayout: () => LayoutEngine) {
  const [first = ''] = paths;
  const subject =
    paths.length === 1 && (isTopologyFile(first) || isStackFile(first))
      ? ofTopology(first)
      : await ofManifests(paths, flags);
  if (!subject) return;
  const picture = pictureOf(subject.objects, flags.title ?? subject.title);
  if (picture.boxes.length === 0) throw nothingToDraw(paths);
  const svg = await svgOf(picture, newLayout());
  const { output } = flags;
  if (output === undefined || output === '-') {
    process.stdout.write(svg);
    return;
  }
  writeFiles(dirname(output), new Map([[basename(output), svg]]));
  const { boxes, arrows } = picture;
  process.stdout.write(`${output}  ${boxes.length} boxes  ${arrows.length} arrows\n`);
}

/** What the topology leaves to a foundation is drawn as something outside. */
function ofTopology(file: string): Subject {
  const topologies = isStackFile(file)
    ? [readStackFile(file).topology]
    : readTopologyFile(file, { backing: 'from-foundation' });
  const objects = topologies.flatMap((topology) => {
    const made =
      leftOut(topology).length > 0 ? standInBacking(systemOf(topology.kind).resolve(topology)) : {};
    return topologyObjects(topology, made);
  });
  return { title: topologies.map(({ name }) => name).join(', '), objects };
}

/** `undefined` where what can't be read was told. */
async function ofManifests(
  paths: readonly string[],
  { namespace }: GraphFlags,
): Promise<Subject | undefined> {
  const { problems, ...subject } = await readManifests(paths, namespace);
  if (problems.length === 0) return subject;
  process.stderr.write(problemsText(problems));
  process.exitCode = UNUSABLE_INPUT;
  return undefined;
}

function nothingToDraw(paths: readonly string[]): InvalidInputError {
  const problem: Problem = {
    path: '',
    value: undefined,
    reason: 'holds nothing to draw: no pods, no claims, no ways in',
    mend: 'name a topology file, or manifests with apiVersion and kind',
  };
  return new InvalidInputError(paths.join(', '), [problem]);
}
