import type { FoundationConfig } from './foundation-config';

/**
 * Every foundation by its name. Each loads the SDK of its cloud, half a second and more: so they are required when
 * they are chosen, one of them and no other.
 */
const FOUNDATIONS: Readonly<Record<string, () => { readonly config: FoundationConfig }>> = {
  aws: () => require('../aws/config'),
  gcp: () => require('../gcp/config'),
  azure: () => require('../azure/config'),
  local: () => require('../local/config'),
};

export const FOUNDATION_NAMES: readonly string[] = Object.keys(FOUNDATIONS);

/** The config of a foundation, or `undefined` where there is none of that name. */
export function loadFoundation(name: string): FoundationConfig | undefined {
  return Object.hasOwn(FOUNDATIONS, name) ? FOUNDATIONS[name]?.().config : undefined;
}
