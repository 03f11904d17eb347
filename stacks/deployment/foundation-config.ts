import type { ComponentResourceOptions } from '@pulumi/pulumi';
import type * as z from 'zod';
import type { Foundation, Sizing } from '../../constructs/cloud';
import type { Backing, Problem } from '../../constructs/contracts';
import type { SystemSettings } from '../topology';

/** What a foundation is planned from, besides its own section of the config. */
export interface FoundationContext {
  /** Beginning of all names. */
  readonly name: string;
  readonly settings: SystemSettings;
  /** Whether the system has any use for a cache; without it none is made. */
  readonly usesCache: boolean;
  /** The settings' sizing in plain numbers. */
  readonly sizing: Sizing;
  /** A path of the config, which counts from the project's folder, as the running program must write it. */
  readonly fromRoot: (path: string) => string;
}

/** A foundation that a deployment can stand on; the local one leaves servers to the stack. */
export type LaidFoundation = Omit<Foundation, 'backing' | 'kubeconfig'> &
  Partial<Pick<Foundation, 'kubeconfig'>> & { readonly backing: Partial<Backing> };

/** Options of everything that a foundation registers. */
export type LayOptions = Pick<ComponentResourceOptions, 'parent'>;

/** What is about to be laid. Nothing is registered or asked of the cloud before `lay`. */
export interface FoundationPlan {
  /** What is wrong with the section; paths begin in it. */
  readonly problems: readonly Problem[];
  /** The settings of the topology on this foundation. */
  readonly settings: SystemSettings;
  /** Parts of the backing that the foundation brings. */
  readonly brings: Readonly<Record<Exclude<keyof Backing, 'disk'>, boolean>>;
  readonly lay: (options: LayOptions) => Promise<LaidFoundation>;
}

/** A section of the config, and what is made of it. Each cloud has one; only the chosen one's is loaded. */
export interface FoundationConfig<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /**
   * What the cloud's own provider lacks in the stack's config.
   *
   * @param get a key of the config, such as `aws:region`
   */
  readonly providerProblems: (get: (key: string) => string | undefined) => readonly Problem[];
  readonly plan: (section: z.output<Schema>, context: FoundationContext) => FoundationPlan;
}

export const foundationConfig = <Schema extends z.ZodType>(config: FoundationConfig<Schema>) => config;
