import { Provider } from '@pulumi/kubernetes/provider';
import type { ComponentResourceOptions } from '@pulumi/pulumi';
import type { ImageReference, SharedStorage } from '../../constructs/contracts';
import type { LaidFoundation } from '../deployment/foundation-config';

export interface LocalFoundationArgs {
  /** Beginning of all names. */
  readonly name: string;
  /**
   * Context of the kubeconfig. Name it, so that a deployment never lands in whatever cluster was looked at last.
   * @default the current one
   */
  readonly context?: string;
  /** @default the topology names it */
  readonly image?: ImageReference;
  /** @default the topology names it */
  readonly storage?: SharedStorage;
}

/**
 * Any cluster that the kubeconfig of this machine leads to, for development and tests. Nothing is made here but the
 * way in: cache and database run inside the namespace, and the kubeconfig is read where it lies, so that no
 * credentials of yours come into the state.
 */
export function localFoundation(
  { name, context, image, storage }: LocalFoundationArgs,
  options: Pick<ComponentResourceOptions, 'parent'> = {},
): LaidFoundation {
  const provider = new Provider(
    `${name}-kubernetes`,
    { context, enableServerSideApply: true, enableConfigMapMutable: true, enableSecretMutable: true },
    options,
  );
  return {
    backing: { image, storage },
    provider,
    objects: [],
    ready: [],
    outputs: { context },
  };
}
