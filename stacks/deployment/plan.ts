import { relative, resolve } from 'node:path';
import type { Input } from '@pulumi/pulumi';
import { nameProblems, type Sizing } from '../../constructs/cloud';
import { InvalidInputError, type Problem } from '../../constructs/contracts';
import { meant } from '../../constructs/contracts/closest';
import type { SecretKeyReference } from '../../constructs/contracts/secret-reference';
import type { System } from '../system/system';
import { systemOf } from '../system/systems';
import type { SystemSettings, Topology } from '../topology';
import { describeIssue, problemsOf } from '../topology/read/issues';
import { parsePath } from '../topology/read/path';
import { without } from '../topology/read/validate';
import { rehearse } from './deployment-chart';
import type {
  FoundationConfig,
  FoundationContext,
  FoundationPlan,
  LaidFoundation,
  LayOptions,
} from './foundation-config';
import { FOUNDATION_NAMES, loadFoundation } from './foundations';
import { readTopology } from './read-topology';
import { standInSettings } from './stand-in';

/** A deployment as the config says it, not looked at yet. */
export interface DeploymentInput {
  /** `aws`, `gcp`, `azure` or `local`. */
  readonly foundation?: unknown;
  /** Path of a topology file, or its fields. */
  readonly topology?: unknown;
  /** Beginning of the names of cloud resources. @default the topology's name */
  readonly name?: unknown;
  /** Token of Hugging Face, for models that want one. @default the Secret that the topology names is yours to make */
  readonly huggingFaceToken?: Input<string>;
  /** The foundations' own sections, and whatever else stands there by mistake. */
  readonly [section: string]: unknown;
}

export interface PlanOptions {
  /** What the config writes before each key, such as `polypod:`. */
  readonly prefix: string;
  /** Folder that paths count from. */
  readonly root: string;
  /** Whether a key's value is kept encrypted. */
  readonly isSecret: (key: string) => boolean;
  /** Config of the cloud's provider, such as `aws:region`. @default not checked */
  readonly provider?: (key: string) => string | undefined;
}

/** A deployment that nothing is wrong with, as far as can be told without asking the cloud. */
export interface DeploymentPlan {
  readonly name: string;
  readonly system: System;
  readonly settings: SystemSettings;
  /** Names of Secrets that the topology names by itself: their owner makes them. */
  readonly keptSecrets: readonly string[];
  /** The token, and the key of the Secret that the topology names for it. */
  readonly huggingFaceToken: (SecretKeyReference & { readonly value: Input<string> }) | undefined;
  /**
   * Lays the foundation.
   *
   * @throws InvalidInputError with all that does not fit of what exists, before anything is registered
   */
  readonly lay: (options: LayOptions) => Promise<LaidFoundation>;
}

const COMMON = ['foundation', 'topology', 'name', 'huggingFaceToken'];

/**
 * Examines a deployment before anything is registered.
 *
 * @throws InvalidInputError with every reason, each with its key
 */
export function planDeployment(input: DeploymentInput, options: PlanOptions): DeploymentPlan {
  const { prefix, root } = options;
  const key = (name: string) => `${prefix}${name}`;
  const problems: Problem[] = [];

  const foundation = typeof input.foundation === 'string' ? input.foundation : undefined;
  const config = foundation === undefined ? undefined : loadFoundation(foundation);
  problems.push(...keyProblems(input, foundation, config, key));

  const read = readTopology(input.topology, key('topology'), root);
  if ('problems' in read) problems.push(...read.problems);
  const topology = 'topology' in read ? read.topology : undefined;
  const system = systemOf(topology?.kind ?? 'Inference');
  const settings = topology ? system.resolve(topology) : standInSettings();
  const usesCache = system.cache !== undefined;
  const name = typeof input.name === 'string' ? input.name : settings.name;
  const plan =
    config && foundation !== undefined
      ? planFoundation(
          config,
          foundation,
          input[foundation],
          { name, settings, usesCache },
          options,
          problems,
        )
      : undefined;
  const tokenSecret =
    topology && 'huggingFaceToken' in topology.security ? topology.security.huggingFaceToken : undefined;
  problems.push(...tokenProblems(input, topology && { tokenSecret }, options));
  if (topology !== undefined) {
    if (plan) problems.push(...backingProblems(plan, system, settings, foundation ?? '', key));
    problems.push(...rehearse(name, system, plan?.settings ?? settings, key('topology')));
  }

  const source = 'config of the deployment';
  if (problems.length > 0 || plan === undefined || foundation === undefined) {
    throw new InvalidInputError(source, problems);
  }
  return {
    name,
    system,
    settings: plan.settings,
    keptSecrets: topology ? namedSecrets(topology) : [],
    huggingFaceToken:
      tokenSecret && input.huggingFaceToken !== undefined
        ? { ...tokenSecret, value: input.huggingFaceToken }
        : undefined,
    lay: async (layOptions) => {
      try {
        return await plan.lay(layOptions);
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        throw new InvalidInputError(
          source,
          error.problems.map((problem) => ofConfig(problem, foundation, settings, key)),
        );
      }
    },
  };
}

/** Names of the Secrets that a topology names under `security`. */
function namedSecrets({ security }: Topology): string[] {
  return Object.values(security).flatMap((one) =>
    typeof one === 'object' && 'secretName' in one ? [one.secretName] : [],
  );
}

function keyProblems(
  input: DeploymentInput,
  foundation: string | undefined,
  config: FoundationConfig | undefined,
  key: (name: string) => string,
): Problem[] {
  const problems: Problem[] = [];
  if (config === undefined) {
    const value = input.foundation;
    const reason = value === undefined ? 'is missing' : 'is no foundation';
    const mend = meant(value, FOUNDATION_NAMES, 'write one of');
    problems.push({ path: key('foundation'), value, reason, mend });
  }
  const known = [...COMMON, ...FOUNDATION_NAMES];
  for (const name of Object.keys(input)) {
    if (!known.includes(name)) {
      const reason = 'is not a key of the config';
      problems.push({ path: key(name), value: undefined, reason, mend: meant(name, known, 'the keys are') });
    } else if (config !== undefined && FOUNDATION_NAMES.includes(name) && name !== foundation) {
      const reason = `is the section of another foundation than ${foundation}`;
      const mend = `take it out, or set ${key('foundation')} to ${name}`;
      problems.push({ path: key(name), value: undefined, reason, mend });
    }
  }
  if (input.name !== undefined && typeof input.name !== 'string') {
    const mend = 'write a text in quotes';
    problems.push({ path: key('name'), value: input.name, reason: 'is not a text', mend });
  }
  return problems;
}

function planFoundation(
  config: FoundationConfig,
  foundation: string,
  section: unknown,
  { name, settings, usesCache }: Pick<FoundationContext, 'name' | 'settings' | 'usesCache'>,
  { prefix, root, isSecret, provider }: PlanOptions,
  problems: Problem[],
): FoundationPlan | undefined {
  const key = (field: string) => `${prefix}${field}`;
  if (provider) problems.push(...config.providerProblems(provider));
  if (!isSecret(foundation)) problems.push(...openPasswords(section, key(foundation)));
  const parse = (value: unknown) =>
    config.schema.safeParse(value, { reportInput: true, error: describeIssue, jitless: true });
  let parsed = parse(section);
  if (!parsed.success) {
    problems.push(
      ...problemsOf(parsed.error.issues, [foundation]).map((one) => ({ ...one, path: key(one.path) })),
    );
    // So that one run tells everything: leave the faulty fields out, then what needs them, and examine the rest.
    let rest = section;
    for (const last of [undefined, -1]) {
      if (parsed.success) break;
      const faulty = problemsOf(parsed.error.issues).map(({ path }) => parsePath(path).slice(0, last));
      rest = faulty.reduceRight<unknown>(without, rest);
      parsed = parse(rest);
    }
  }
  if (!parsed.success) {
    problems.push(...nameProblems(name, 17).map((problem) => ({ ...problem, path: key('name') })));
    return undefined;
  }
  const fromRoot = (path: string) => relative('', resolve(root, path)) || '.';
  const plan = config.plan(parsed.data, { name, settings, usesCache, sizing: sizingOf(settings), fromRoot });
  problems.push(...plan.problems.map((problem) => ofConfig(problem, foundation, settings, key)));
  return plan;
}

/** A topology's sizing in plain numbers. */
function sizingOf({ sizing: { database, cache } }: SystemSettings): Sizing {
  return {
    database: {
      cpu: database.cpu.cores,
      memory: database.memory.bytes,
      storage: database.storage.bytes,
      maxConnections: database.maxConnections,
      engine: database.engine,
      extensions: database.extensions,
    },
    cache: { memory: cache.memory.bytes, mode: cache.mode, maxConnections: cache.maxConnections },
  };
}

/** A problem of a foundation's arguments, seen from the config, where some of them are the topology's. */
function ofConfig(
  problem: Problem,
  foundation: string,
  settings: SystemSettings,
  key: (name: string) => string,
): Problem {
  const { path, value, reason } = problem;
  if (path === 'name') return { ...problem, path: key('name') };
  const [, server, field] = /^(database|cache)\.(requiredConnections|size|mode)/.exec(path) ?? [];
  if (server === 'database' || server === 'cache') {
    if (field !== 'requiredConnections') {
      const place = field === 'mode' ? `${server}.mode` : server;
      return { ...problem, path: `${key('topology')} sizing.${place}` };
    }
    return {
      ...problem,
      path: `${key('topology')} connections.${server}`,
      value: settings.connections[server],
      reason: `comes to ${String(value)} of all pods at the most, which ${reason}`,
    };
  }
  return { ...problem, path: `${key(foundation)}.${path}` };
}

/** Passwords that stand in the stack's file for everybody to read. */
function openPasswords(value: unknown, path: string): Problem[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const field = Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`;
    if (name !== 'password' || typeof item !== 'string') return openPasswords(item, field);
    const mend = `pulumi config set --secret --path '${field}'`;
    return [{ path: field, value: undefined, reason: 'stands in plain text in the config', mend }];
  });
}

function tokenProblems(
  { huggingFaceToken }: DeploymentInput,
  topology: { readonly tokenSecret: SecretKeyReference | undefined } | undefined,
  { prefix, isSecret }: PlanOptions,
): Problem[] {
  if (huggingFaceToken === undefined) return [];
  const path = `${prefix}huggingFaceToken`;
  const problems: Problem[] = [];
  if (!isSecret('huggingFaceToken')) {
    const reason = 'stands in plain text in the config';
    problems.push({ path, value: undefined, reason, mend: `pulumi config set --secret ${path}` });
  }
  if (topology && topology.tokenSecret === undefined) {
    const reason = 'has no effect: the topology names no Secret for it';
    const mend = 'name one under security.huggingFaceToken of the topology, or take the key out';
    problems.push({ path, value: undefined, reason, mend });
  }
  return problems;
}

/** What topology and foundation both bring, and what neither does. */
function backingProblems(
  { brings, settings: { backing } }: FoundationPlan,
  { cache }: System,
  { backing: named, workloads, allow }: SystemSettings,
  foundation: string,
  key: (name: string) => string,
): Problem[] {
  const problems: Problem[] = [];
  for (const part of ['image', 'storage', 'cache', 'database'] as const) {
    const section = `${key(foundation)}.${part}`;
    if (brings[part] && named[part] !== undefined) {
      const reason = `is also brought by the foundation ${foundation}`;
      const mend = `take it out of the topology, or out of the config: ${section}`;
      problems.push({ path: `${key('topology')} backing.${part}`, value: undefined, reason, mend });
    } else if (!brings[part] && backing[part] === undefined && part !== 'cache') {
      const mend = `write it, or name one under backing.${part} of the topology`;
      problems.push({ path: section, value: undefined, reason: 'is missing', mend });
    }
  }
  const pods = workloads.reduce((sum, { replicas }) => sum + replicas.max, 0);
  if (
    cache &&
    !brings.cache &&
    backing.cache === undefined &&
    pods > 1 &&
    allow[cache.allowedBy] === undefined
  ) {
    const reason = `leaves up to ${pods} pods without a cache: ${cache.loses}`;
    const mend = `take it out, or say in allow.${cache.allowedBy} of the topology why it will do`;
    problems.push({ path: `${key(foundation)}.cache`, value: 'none', reason, mend });
  }
  return problems;
}
