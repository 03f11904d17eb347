import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { load } from 'js-yaml';
import { InvalidInputError, type Problem } from '../../constructs/contracts/problem';
import { readTopology } from '../deployment/read-topology';
import type { Topology } from '../topology/topology';
import { type CloudName, isCloud } from './clouds';

/** A Pulumi stack's config, as far as a plan follows from it. */
export interface StackFile {
  readonly topology: Topology;
  /** @default none: the local foundation makes nothing that is billed */
  readonly cloud: CloudName | undefined;
  /** The cloud's own section, as written; `pulumi up` judges it. */
  readonly section: unknown;
}

/** Whether a file is a stack's config by its name: `Pulumi.aws.yaml`. */
export const isStackFile = (file: string) => /^Pulumi\..+\.ya?ml$/.test(basename(file));

/**
 * Reads foundation and topology of a stack's config, without Pulumi.
 *
 * @throws InvalidInputError with all that is wrong with the two
 */
export function readStackFile(file: string): StackFile {
  const config = configOf(file);
  const foundation = config['polypod:foundation'];
  const problems: Problem[] = [];
  if (!isCloud(foundation) && foundation !== 'local') {
    const reason = foundation === undefined ? 'is missing' : 'is no foundation';
    const mend = 'write aws, gcp, azure or local';
    problems.push({ path: 'polypod:foundation', value: foundation, reason, mend });
  }
  const read = readTopology(config['polypod:topology'], 'polypod:topology', dirname(file));
  if ('problems' in read) problems.push(...read.problems);
  if (problems.length > 0 || !('topology' in read)) throw new InvalidInputError(file, problems);
  const cloud = isCloud(foundation) ? foundation : undefined;
  return { topology: read.topology, cloud, section: cloud && config[`polypod:${cloud}`] };
}

function configOf(file: string): Readonly<Record<string, unknown>> {
  const refuse = (reason: string, mend: string) =>
    new InvalidInputError(file, [{ path: '', value: undefined, reason, mend }]);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw refuse('is not there, or may not be read', 'name the config of a stack, such as Pulumi.aws.yaml');
  }
  let parsed: unknown;
  try {
    parsed = load(text);
  } catch (error) {
    const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw refuse(`is not valid YAML: ${said}`, 'mend the YAML at this place');
  }
  const config =
    typeof parsed === 'object' && parsed !== null && 'config' in parsed ? parsed.config : undefined;
  if (typeof config === 'object' && config !== null) return Object.fromEntries(Object.entries(config));
  throw refuse('holds no config', 'name the config of a stack, with polypod:foundation and polypod:topology');
}
