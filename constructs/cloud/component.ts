import { ComponentResource, type ComponentResourceOptions, type CustomResourceOptions } from '@pulumi/pulumi';
import type { Problem } from '../contracts';
import { refuse } from './arguments';
import { nameProblems } from './names';
import { type Transforms, transformed } from './transform';

/**
 * A component of one cloud. `Children` maps each kind of child to the arguments of its resource class: the key
 * names the child in logical names and in `transform`.
 */
export abstract class CloudComponent<Children> extends ComponentResource {
  readonly #name: string;
  readonly #transforms: Transforms<Children>;

  /**
   * @param type Pulumi's type token, such as `polypod:aws:SharedFileSystem`.
   * @param problems What is wrong with the arguments; thrown before the component is registered.
   */
  protected constructor(
    type: string,
    name: string,
    problems: readonly Problem[],
    transforms: Transforms<Children> | undefined,
    options: ComponentResourceOptions | undefined,
  ) {
    refuse(`${type} "${name}"`, [...nameProblems(name), ...problems]);
    super(type, name, {}, options);
    this.#name = name;
    this.#transforms = transforms ?? {};
  }

  /**
   * Constructor arguments of a child: logical name from the component's, this component as parent, transform
   * applied. Spread them: `new efs.FileSystem(...this.child('fileSystem', args, options))`.
   *
   * @param index Tells children of the same kind apart; never changes for a child that stays.
   */
  protected child<Child extends keyof Children & string>(
    child: Child,
    args: Children[Child],
    options: CustomResourceOptions = {},
    index?: string | number,
  ): [string, Children[Child], CustomResourceOptions] {
    const kebab = child.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const name = [this.#name, kebab, index].filter((part) => part !== undefined).join('-');
    return transformed(this.#transforms[child], name, args, { parent: this, ...options });
  }
}
