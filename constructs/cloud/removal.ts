import type { CustomResourceOptions } from '@pulumi/pulumi';

/**
 * What happens to a resource that holds data when its declaration goes away.
 *
 * - `retain`: Pulumi refuses to delete or replace it (`protect`), the cloud's own deletion protection is on, and
 *   should its declaration vanish it stays in the cloud (`retainOnDelete`).
 * - `destroy`: it is deleted with its data; databases still take a final snapshot. To tear down on purpose, set
 *   this, run `pulumi up`, then `pulumi destroy`.
 */
export type Removal = 'retain' | 'destroy';

export const REMOVALS: readonly Removal[] = ['retain', 'destroy'];

/** Resource options for what holds data. */
export function removalOptions(
  removal: Removal = 'retain',
): Pick<CustomResourceOptions, 'protect' | 'retainOnDelete'> {
  return removal === 'retain' ? { protect: true, retainOnDelete: true } : {};
}
