import type { InferenceTopology } from './topology';

/** Whether whoever comes must log in or bring a key; `undefined` where nothing is said and nobody need. */
export function accessMode(access: InferenceTopology['security']['access']): 'open' | 'required' | undefined {
  const { mode, admin, oidc, jwt } = access ?? {};
  return mode ?? ((admin ?? oidc ?? jwt) && 'required');
}
