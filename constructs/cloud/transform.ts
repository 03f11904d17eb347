import type { CustomResourceOptions } from '@pulumi/pulumi';

/**
 * The escape hatch for one child resource: arguments that replace ours, or a function that changes arguments and
 * options in place. It runs last, and what it sets is not checked.
 */
export type Transform<Args> = Partial<Args> | Change<Args>;

type Change<Args> = (args: Args, options: CustomResourceOptions, name: string) => void;

/** One transform for each kind of child that a component has. */
export type Transforms<Children> = { readonly [Child in keyof Children]?: Transform<Children[Child]> };

/** A child's constructor arguments after its transform. */
export function transformed<Args>(
  transform: Transform<Args> | undefined,
  name: string,
  args: Args,
  options: CustomResourceOptions,
): [string, Args, CustomResourceOptions] {
  if (transform === undefined) return [name, args, options];
  if (!isFunction(transform)) return [name, { ...args, ...transform }, options];
  const changed = { args: { ...args }, options: { ...options } };
  transform(changed.args, changed.options, name);
  return [name, changed.args, changed.options];
}

function isFunction<Args>(transform: Transform<Args>): transform is Change<Args> {
  return typeof transform === 'function';
}
